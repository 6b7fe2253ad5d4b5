package test;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;

/** Those who may log in. */
@Configuration
class Users {
  @Bean
  UserDetailsService userDetailsService() {
    return new InMemoryUserDetailsManager(user("alice"), user("bob"));
  }

  private static UserDetails user(String name) {
    return User.withUsername(name).password("{noop}password-of-" + name).build();
  }
}
