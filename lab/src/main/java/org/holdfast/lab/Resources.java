package org.holdfast.lab;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Programs and texts that lie beside classes. */
public final class Resources {
  private Resources() {}

  /**
   * One of them.
   *
   * @param owner the class beside which it lies
   * @param name of its file
   * @throws LabException if there is none
   */
  public static String text(Class<?> owner, String name) {
    try (InputStream in = owner.getResourceAsStream(name)) {
      if (in == null) {
        throw new LabException(name + " is not beside " + owner.getName() + " on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new LabException("cannot read " + name, e);
    }
  }
}
