package org.holdfast.lab.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.holdfast.lab.Interruption;
import org.holdfast.lab.Lab;
import org.holdfast.lab.LabException;
import org.holdfast.lab.LabOptions;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.VmOptions;
import org.holdfast.lab.report.DemoLine;
import org.holdfast.lab.report.DemoResult;
import org.holdfast.lab.report.HtmlReport;
import org.holdfast.lab.report.TerminalReport;
import org.holdfast.lab.workload.LoadException;
import org.holdfast.lab.workload.LoadOptions;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Entry point of ./demo. */
@Command(
    name = "./demo",
    description = {
      "Moves a virtual machine between two KVM hosts and back, then takes it away for half a",
      "minute, while real clients talk to real servers in it; once with Holdfast, once with plain",
      "libvirt. Ends with one line that begins with DEMO; exit status 0 only if Holdfast kept",
      "every connection and no byte was wrong."
    },
    mixinStandardHelpOptions = true,
    version = "Holdfast 0.1.0")
public final class Demo implements Callable<Integer> {
  private static final String VM = "demo-vm";
  private static final int NOT_HELD = 2;
  private static final int MACHINERY = 1;

  @Option(
      names = "--report",
      paramLabel = "PATH",
      description =
          "where the page goes: a directory, or a file that ends in .html (default:"
              + " ${DEFAULT-VALUE})")
  private Path report = Path.of(System.getProperty("holdfast.home", ".")).resolve("target");

  @Option(names = "--away", paramLabel = "SECONDS", description = "default: ${DEFAULT-VALUE}")
  private int awaySeconds = 30;

  @Option(names = "--keep", description = "leave the lab up; ./lab.sh down --name NAME removes it")
  private boolean keep;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "of the lab (default: ${DEFAULT-VALUE})")
  private String name = "demo";

  /** Runs it. */
  public static void main(String[] words) {
    System.exit(new CommandLine(new Demo()).execute(words));
  }

  @Override
  public Integer call() throws Exception {
    Narrator narrator = new Narrator(System.err);
    Path page = page();
    Interruption interruption = new Interruption(() -> Lab.remove(name));
    try {
      if (Lab.running().contains(name)) {
        narrator.say("lab %s is still up from before: removing it", name);
        Lab.remove(name);
      }
      DemoResult result = perform(narrator);
      Files.writeString(page, HtmlReport.of(result));
      System.out.println();
      System.out.print(TerminalReport.of(result));
      System.out.println();
      System.out.println(DemoLine.of(result, page));
      return result.held() ? 0 : NOT_HELD;
    } catch (LabException | LoadException e) {
      if (!interruption.came()) {
        System.err.println("error: " + e.getMessage());
      }
      return MACHINERY;
    } catch (Exception e) {
      if (!interruption.came()) {
        throw e;
      }
      return MACHINERY; // whatever the interrupted work stumbled over
    } finally {
      interruption.workIsOver();
      if (!keep && !interruption.came()) {
        Lab.remove(name);
      }
    }
  }

  private DemoResult perform(Narrator narrator) throws Exception {
    narrator.say("bringing the lab up: kvm1, kvm2 and a peer");
    Lab lab = Lab.start(LabOptions.named(name).withProgress(line -> narrator.say("%s", line)));
    narrator.say("booting the VM");
    VirtualMachine vm = lab.startVm(VmOptions.named(VM)).awaitReady();
    Duration away = Duration.ofSeconds(awaySeconds);
    DemoResult result = new Performance(lab, vm, away, LoadOptions.everything(), narrator).play();
    narrator.say(keep ? "done; the lab stays up: ./lab.sh status" : "done; taking the lab down");
    return result;
  }

  private Path page() throws IOException {
    Path absolute = report.toAbsolutePath().normalize();
    Path file =
        absolute.toString().endsWith(".html") ? absolute : absolute.resolve("demo-report.html");
    Path directory = file.getParent();
    if (directory != null) {
      Files.createDirectories(directory);
    }
    return file;
  }
}
