import { describeMcpServer } from './describe-mcp-server.js';

describeMcpServer('official-sdk');
