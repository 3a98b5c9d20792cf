package org.holdfast.lab.endtoend;

import org.holdfast.lab.Lab;
import org.holdfast.lab.LabOptions;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the one lab all of them share. It is started when the first test asks for it and
 * removed after the last; what a killed test run has left, the next one removes.
 */
final class LabExtension implements ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(LabExtension.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Lab.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .computeIfAbsent("lab", key -> new SharedLab(), SharedLab.class)
        .lab;
  }

  private static final class SharedLab implements AutoCloseable {
    private static final String PREFIX = "test-";

    private final Lab lab;
    private final Thread atExit;

    SharedLab() {
      removeAbandoned();
      String name = PREFIX + ProcessHandle.current().pid();
      atExit = new Thread(() -> Lab.remove(name), "remove lab " + name);
      Runtime.getRuntime().addShutdownHook(atExit);
      lab = Lab.start(LabOptions.named(name).withProgress(System.out::println));
    }

    /** Labs of test runs that were killed before they could remove them. */
    private static void removeAbandoned() {
      for (String name : Lab.running()) {
        if (name.matches(PREFIX + "\\d+")
            && ProcessHandle.of(Long.parseLong(name.substring(PREFIX.length()))).isEmpty()) {
          Lab.remove(name);
        }
      }
    }

    @Override
    public void close() {
      lab.close();
      Runtime.getRuntime().removeShutdownHook(atExit);
    }
  }
}
