// The `m2m` field of a request, on every way to send one.
import { HttpService } from '@nestjs/axios';
import axios, { type AxiosRequestConfig, type AxiosInstance } from 'axios';
import type { M2MClientService, M2MRequestOptions } from 'nestjs-m2m';

export async function send(http: HttpService, client: M2MClientService, instance: AxiosInstance): Promise<void> {
  http.get('/products', { m2m: { scope: ['write:products'] } });
  http.get<{ id: string }>('/products', { m2m: { scope: 'write:products', audience: 'https://api.example.com' } });
  http.post('/products', {}, { m2m: { resource: ['https://a.example.com', 'https://b.example.com'] } });
  http.request({ url: '/products', m2m: { organization: 'acme', parameters: { tenant: 7 }, forceRenewal: true } });
  http.get('/health', { m2m: false });
  http.get('/health', { m2m: undefined });
  http.get('/health');

  client.http.get('/products', { m2m: { scope: [] } });
  client.for('shop').delete('/products/7', { m2m: { scope: 'delete:products' } });

  await axios.get('https://shop.example.com', { m2m: { scope: 'read:products' } });
  await axios.create({ m2m: false }).get('/');
  await instance.request({ url: '/', m2m: { scope: 'read:products' } });
  instance.interceptors.request.use((config) => {
    config.m2m = { scope: 'read:products' };
    return config;
  });

  const options: M2MRequestOptions = { scope: 'read:products' };
  const config: AxiosRequestConfig = { m2m: options };
  http.get('/products', config);

  const detach: () => void = client.attach(instance, 'shop');
  client.attach(http.axiosRef);
  detach();

  // @ts-expect-error the field is scope
  http.get('/products', { m2m: { scopes: ['write:products'] } });
  // @ts-expect-error true says nothing
  http.get('/products', { m2m: true });
  // @ts-expect-error a scope is no options
  http.get('/products', { m2m: 'write:products' });
  // @ts-expect-error scopes are strings
  http.get('/products', { m2m: { scope: [7] } });
  // @ts-expect-error the field is m2m
  http.get('/products', { machine: false });
  // @ts-expect-error an HttpService is no Axios instance
  client.attach(http);
}
