package org.holdfast.api;

/**
 * Continue a suspended domain and give its connections back.
 *
 * @param domain name, UUID or id
 */
public record ResumeCommand(String domain) implements EngineCommand {

  @Override
  public String verb() {
    return "resume";
  }
}
