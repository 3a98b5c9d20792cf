package org.holdfast.configuration;

/** The configuration cannot be used; the message says where, what, and what would be right. */
public final class ConfigurationException extends Exception {
  private static final long serialVersionUID = 1L;

  public ConfigurationException(String whereAndWhat) {
    super(whereAndWhat);
  }

  public ConfigurationException(String whereAndWhat, Throwable cause) {
    super(whereAndWhat, cause);
  }
}
