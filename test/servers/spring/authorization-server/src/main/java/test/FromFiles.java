package test;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.jose.jws.MacAlgorithm;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.JwtEncoder;
import org.springframework.security.oauth2.jwt.NimbusJwtEncoder;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.settings.ClientSettings;
import org.springframework.security.oauth2.server.authorization.settings.TokenSettings;

/** Keys and clients are read for every request, so that a test rotates them by writing a file. */
@Configuration
class FromFiles {
  @Bean
  JWKSource<SecurityContext> keys(@Value("${test.keys}") Path file) {
    return (selector, context) -> {
      try {
        return selector.select(JWKSet.load(file.toFile()));
      } catch (Exception error) {
        throw new IllegalStateException(error);
      }
    };
  }

  /** Signs with the first key. */
  @Bean
  JwtEncoder encoder(JWKSource<SecurityContext> keys) {
    NimbusJwtEncoder encoder = new NimbusJwtEncoder(keys);
    encoder.setJwkSelector(found -> found.get(0));
    return encoder;
  }

  @Bean
  RegisteredClientRepository clients(@Value("${test.clients}") Path file) {
    return new RegisteredClientRepository() {
      /** The server wants to keep a secret that it has seen, encrypted. */
      @Override
      public void save(RegisteredClient client) {}

      @Override
      public RegisteredClient findById(String id) {
        return findByClientId(id);
      }

      @Override
      public RegisteredClient findByClientId(String id) {
        return client(id, read(file));
      }
    };
  }

  private static RegisteredClient client(String id, Properties of) {
    String method = of.getProperty(id + ".method");
    if (method == null) return null;
    ClientSettings.Builder settings = ClientSettings.builder().requireProofKey(false);
    if (method.equals("client_secret_jwt")) settings.tokenEndpointAuthenticationSigningAlgorithm(MacAlgorithm.HS256);
    if (method.equals("private_key_jwt")) {
      settings.tokenEndpointAuthenticationSigningAlgorithm(SignatureAlgorithm.ES256).jwkSetUrl(of.getProperty(id + ".jwks"));
    }
    if (method.equals("tls_client_auth")) settings.x509CertificateSubjectDN(of.getProperty(id + ".subject"));
    Duration lifetime = Duration.ofSeconds(Long.parseLong(of.getProperty(id + ".lifetime")));
    return RegisteredClient.withId(id)
        .clientId(id)
        .clientSecret(of.getProperty(id + ".secret"))
        .clientAuthenticationMethod(new ClientAuthenticationMethod(method))
        .authorizationGrantTypes(grants -> grants.addAll(grants(of.getProperty(id + ".grants"))))
        .redirectUris(uris -> uris.addAll(list(of.getProperty(id + ".redirect"))))
        .scopes(scopes -> scopes.addAll(list(of.getProperty(id + ".scopes"))))
        .clientSettings(settings.build())
        .tokenSettings(TokenSettings.builder().accessTokenTimeToLive(lifetime).build())
        .build();
  }

  private static List<AuthorizationGrantType> grants(String names) {
    return list(names).stream().map(AuthorizationGrantType::new).toList();
  }

  private static List<String> list(String names) {
    return names == null ? List.of() : List.of(names.split(" "));
  }

  private static Properties read(Path file) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IOException error) {
      throw new IllegalStateException(error);
    }
    return properties;
  }
}
