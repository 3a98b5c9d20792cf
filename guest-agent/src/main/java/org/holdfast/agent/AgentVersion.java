package org.holdfast.agent;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** The version of this program, as the build wrote it. */
final class AgentVersion {
  private AgentVersion() {}

  static String read() {
    Properties properties = new Properties();
    try (InputStream stream = AgentVersion.class.getResourceAsStream("agent.properties")) {
      if (stream != null) {
        properties.load(stream);
      }
    } catch (IOException e) {
      return "unknown";
    }
    return properties.getProperty("version", "unknown");
  }
}
