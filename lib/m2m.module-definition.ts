import { ConfigurableModuleBuilder } from '@nestjs/common';
import { M2M_MODULE_OPTIONS } from './options/injection-tokens.js';
import type { M2MModuleOptions } from './options/module-options.js';

export const { ConfigurableModuleClass, ASYNC_OPTIONS_TYPE } = new ConfigurableModuleBuilder<M2MModuleOptions>({
  optionsInjectionToken: M2M_MODULE_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createM2MOptions')
  .build();
