import { HttpService } from '@nestjs/axios';
import type { AxiosStatic } from 'axios';

/** The copy of Axios that `@nestjs/axios` uses: an application may hold an ES module and a CommonJS one. */
export const axios = new HttpService().axiosRef as AxiosStatic;
