package org.holdfast.api;

/**
 * Take a domain's connections over and pause it.
 *
 * @param domain name, UUID or id
 * @param keepPolicy what to do about the domain's connections
 */
public record SuspendCommand(String domain, KeepPolicy keepPolicy) implements EngineCommand {

  @Override
  public String verb() {
    return "suspend";
  }
}
