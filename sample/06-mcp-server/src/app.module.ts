import { Module } from '@nestjs/common';
import { M2MModule, oidc } from 'nestjs-m2m';
import { McpController, RESOURCE } from './mcp.controller.js';

@Module({})
export class AppModule {
  /** @param resource where clients call the MCP server, and what their tokens are for */
  static trusting(issuer: string, resource: string) {
    return {
      module: AppModule,
      imports: [
        M2MModule.forRoot({
          authorizationServer: oidc({ issuer }),
          resourceServer: {
            audience: resource,
            // An agent starts with this scope, and gets others if a tool needs them.
            resourceMetadata: { resource, scopes: ['read:products'] },
          },
        }),
      ],
      controllers: [McpController],
      providers: [{ provide: RESOURCE, useValue: resource }],
    };
  }
}
