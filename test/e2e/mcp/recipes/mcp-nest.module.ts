import {
  Controller,
  Module,
  UseGuards,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import {
  McpController,
  McpHttpControllerFor,
  McpStrategy,
  StreamableHttpTransport,
  Tool,
  ToolScopes,
} from '@rekog/mcp-nest';
import { z } from 'zod';
import { M2MGuard, M2MModule, oidc } from '../../../../lib/index.js';

const RESOURCE = process.env['MCP_URL'] ?? 'https://api.example.com/mcp';
const { origin, pathname } = new URL(RESOURCE);

const transport = new StreamableHttpTransport({
  stepUpAuthorization: { resourceMetadataUrl: `${origin}/.well-known/oauth-protected-resource${pathname}` },
});

/** What main.ts connects: `app.connectMicroservice({ strategy: mcp })`. */
export const mcp = new McpStrategy({ name: 'products', version: '1.0.0', transports: [transport] });

/** For Fastify: mcp-nest reads the user from Node's request there. */
class UserOfNodeRequest implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler) {
    const { raw, user } = context.switchToHttp().getRequest<{ raw?: { user?: unknown }; user?: unknown }>();
    if (raw) raw.user = user;
    return next.handle();
  }
}

@UseGuards(M2MGuard)
@UseInterceptors(UserOfNodeRequest)
@Controller('mcp')
export class McpEndpoint extends McpHttpControllerFor(transport) {}

@McpController()
export class ProductTools {
  @ToolScopes(['read:products'])
  @Tool({ name: 'find-product', description: 'Finds a product', parameters: z.object({ name: z.string() }) })
  find(@Payload() { name }: { name: string }) {
    return { content: [{ type: 'text', text: `${name} costs 3.50` }] };
  }

  @ToolScopes(['write:products'])
  @Tool({ name: 'add-product', description: 'Adds a product', parameters: z.object({ name: z.string() }) })
  add(@Payload() { name }: { name: string }) {
    return { content: [{ type: 'text', text: `${name} was added` }] };
  }
}

@Module({
  imports: [
    M2MModule.forRoot({
      authorizationServer: oidc({ issuer: process.env['ISSUER'] ?? 'https://id.example.com' }),
      resourceServer: {
        audience: RESOURCE,
        resourceMetadata: { resource: RESOURCE, scopes: ['read:products'] },
      },
    }),
  ],
  controllers: [McpEndpoint, ProductTools],
})
export class McpNestModule {}
