import { describeMcpServer } from './describe-mcp-server.js';

describeMcpServer('mcp-nest');
