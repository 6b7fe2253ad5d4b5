import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { M2MModuleOptions } from './options/module-options.js';

/** The injection token of the options as the user wrote them. */
export const M2M_MODULE_OPTIONS = 'M2M_MODULE_OPTIONS';
/** What everything else reads: {@link ResolvedOptions}. Where it is not provided, Nest's error shows its description. */
export const M2M_RESOLVED_OPTIONS = Symbol('M2MModule.forRoot({ ... }) in the root module');
/** {@link Clock}. */
export const M2M_CLOCK = Symbol('M2M_CLOCK');

export const { ConfigurableModuleClass, ASYNC_OPTIONS_TYPE } = new ConfigurableModuleBuilder<M2MModuleOptions>({
  optionsInjectionToken: M2M_MODULE_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createM2MOptions')
  .build();
