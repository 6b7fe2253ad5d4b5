package test;

import org.apache.catalina.connector.Connector;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The port of the issuer, beside the one for clients with certificates. */
@Configuration
class PlainHttp {
  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> connector(@Value("${test.port}") int port) {
    return factory -> {
      Connector connector = new Connector();
      connector.setPort(port);
      connector.setProperty("address", "127.0.0.1");
      factory.addAdditionalConnectors(connector);
    };
  }
}
