package org.holdfast.migration.run;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** The real thing, of which one part fails. */
final class Broken {
  private Broken() {}

  /**
   * @param method that does nothing but throw
   * @param real does everything else
   */
  static <T> T at(Class<T> type, String method, T real, RuntimeException failure) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, called, arguments) -> {
              if (called.getName().equals(method)) {
                throw failure;
              }
              try {
                return called.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }
}
