package org.holdfast.lab.endtoend;

import org.holdfast.lab.Lab;
import org.holdfast.lab.LabOptions;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the one lab all of them share. It is started when the first test asks for it and
 * removed after the last; a killed test run leaves it, and ./lab.sh down --all removes it.
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
    private final Lab lab;
    private final Thread atExit;

    SharedLab() {
      String name = "test-" + ProcessHandle.current().pid();
      atExit = new Thread(() -> Lab.remove(name), "remove lab " + name);
      Runtime.getRuntime().addShutdownHook(atExit);
      lab = Lab.start(LabOptions.named(name).withProgress(System.out::println));
    }

    @Override
    public void close() {
      lab.close();
      Runtime.getRuntime().removeShutdownHook(atExit);
    }
  }
}
