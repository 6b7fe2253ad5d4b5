import { Controller, Get } from '@nestjs/common';
import { Public } from 'nestjs-m2m';

@Controller('health')
export class HealthController {
  @Get()
  @Public()
  health() {
    return { status: 'up' };
  }
}
