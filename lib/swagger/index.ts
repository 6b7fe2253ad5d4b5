export { addM2MSecurity } from './add-m2m-security.js';
