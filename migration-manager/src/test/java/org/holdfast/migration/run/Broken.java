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
    return before(
        type,
        method,
        real,
        () -> {
          throw failure;
        });
  }

  /**
   * The real thing, and something happens.
   *
   * @param method before which it happens
   */
  static <T> T before(Class<T> type, String method, T real, Runnable event) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, called, arguments) -> {
              if (called.getName().equals(method)) {
                event.run();
              }
              try {
                return called.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }
}
