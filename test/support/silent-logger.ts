import { Logger } from '@nestjs/common';

// Most tests make something fail, and the log says so. Tests of log lines set a logger of their own.
Logger.overrideLogger(false);
