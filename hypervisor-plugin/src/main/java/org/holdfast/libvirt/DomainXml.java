package org.holdfast.libvirt;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.holdfast.wire.MacAddress;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.ErrorHandler;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

/**
 * Reads libvirt's domain XML (libvirt.org/formatdomain.html). Fetching it is somebody else's work.
 */
final class DomainXml {
  private static final int MAXIMUM_CHARACTERS = 4 * 1024 * 1024;

  /** libvirt's own goes down some ten levels; what stands in its metadata is anybody's. */
  private static final String DEEPEST = "100";

  private DomainXml() {}

  /**
   * @throws IllegalArgumentException if it is not the XML of a domain
   */
  static DomainDescription parse(String xml) {
    Element domain = root(xml);
    if (!domain.getTagName().equals("domain")) {
      throw new IllegalArgumentException("not a domain but a " + domain.getTagName());
    }
    String id = domain.getAttribute("id");
    return new DomainDescription(
        text(domain, "name"),
        UUID.fromString(text(domain, "uuid")),
        id.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(id)),
        memory(required(domain, "memory")),
        interfaces(domain),
        channel(domain));
  }

  private static Element root(String xml) {
    if (xml.length() > MAXIMUM_CHARACTERS) {
      throw new IllegalArgumentException("the XML is longer than " + MAXIMUM_CHARACTERS);
    }
    try {
      DocumentBuilder builder = hardenedFactory().newDocumentBuilder();
      builder.setErrorHandler(new Strict());
      return builder.parse(new InputSource(new StringReader(xml))).getDocumentElement();
    } catch (SAXException | IOException | ParserConfigurationException failure) {
      throw new IllegalArgumentException("not readable: " + failure.getMessage(), failure);
    }
  }

  /** No document types, hence no entities, and nothing fetched from anywhere. */
  private static DocumentBuilderFactory hardenedFactory() throws ParserConfigurationException {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
    factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_DTD, "");
    factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "");
    factory.setAttribute("jdk.xml.maxElementDepth", DEEPEST);
    factory.setXIncludeAware(false);
    factory.setExpandEntityReferences(false);
    return factory;
  }

  private static long memory(Element memory) {
    long count = Long.parseLong(memory.getTextContent().strip());
    long unit =
        switch (memory.getAttribute("unit")) {
          case "b", "bytes" -> 1;
          case "", "k", "KiB" -> 1L << 10;
          case "KB" -> 1_000;
          case "M", "MiB" -> 1L << 20;
          case "MB" -> 1_000_000;
          case "G", "GiB" -> 1L << 30;
          case "GB" -> 1_000_000_000;
          case "T", "TiB" -> 1L << 40;
          case "TB" -> 1_000_000_000_000L;
          default ->
              throw new IllegalArgumentException(
                  "memory in unknown units: " + memory.getAttribute("unit"));
        };
    try {
      return Math.multiplyExact(count, unit);
    } catch (ArithmeticException overflow) {
      throw new IllegalArgumentException("more memory than can be: " + count, overflow);
    }
  }

  private static List<DomainInterface> interfaces(Element domain) {
    List<DomainInterface> interfaces = new ArrayList<>();
    for (Element devices : children(domain, "devices")) {
      for (Element element : children(devices, "interface")) {
        interfaces.add(networkInterface(element));
      }
    }
    return interfaces;
  }

  private static DomainInterface networkInterface(Element element) {
    return new DomainInterface(
        MacAddress.of(attribute(element, "mac", "address").orElse("no MAC address")),
        type(element),
        attribute(element, "source", "bridge"),
        attribute(element, "target", "dev"),
        attribute(element, "filterref", "filter"),
        vlan(element),
        number(attribute(element, "mtu", "size")),
        !attribute(element, "link", "state").orElse("up").equals("down"));
  }

  private static InterfaceType type(Element element) {
    if (attribute(element, "virtualport", "type").orElse("").equals("openvswitch")) {
      return InterfaceType.OPENVSWITCH;
    }
    return switch (element.getAttribute("type").toLowerCase(Locale.ROOT)) {
      case "bridge" -> InterfaceType.BRIDGE;
      case "network" -> InterfaceType.NETWORK;
      case "direct" -> InterfaceType.DIRECT;
      case "user" -> InterfaceType.USER;
      case "ethernet" -> InterfaceType.ETHERNET;
      case "vhostuser" -> InterfaceType.VHOSTUSER;
      case "hostdev" -> InterfaceType.HOSTDEV;
      case "vdpa" -> InterfaceType.VDPA;
      default -> InterfaceType.OTHER;
    };
  }

  private static OptionalInt vlan(Element element) {
    return first(element, "vlan")
        .map(vlan -> children(vlan, "tag"))
        .filter(tags -> tags.size() == 1)
        .map(tags -> OptionalInt.of(Integer.parseInt(tags.get(0).getAttribute("id"))))
        .orElse(OptionalInt.empty());
  }

  private static Optional<GuestChannel> channel(Element domain) {
    for (Element devices : children(domain, "devices")) {
      for (Element channel : children(devices, "channel")) {
        Optional<String> path = attribute(channel, "source", "path");
        if (channel.getAttribute("type").equals("unix")
            && attribute(channel, "source", "mode").orElse("bind").equals("bind")
            && attribute(channel, "target", "type").orElse("").equals("virtio")
            && attribute(channel, "target", "name").orElse("").equals(GuestChannel.PORT_NAME)
            && path.isPresent()) {
          boolean opened = attribute(channel, "target", "state").orElse("").equals("connected");
          return Optional.of(new GuestChannel(Path.of(path.get()), opened));
        }
      }
    }
    return Optional.empty();
  }

  private static OptionalInt number(Optional<String> text) {
    return text.isPresent() ? OptionalInt.of(Integer.parseInt(text.get())) : OptionalInt.empty();
  }

  private static Optional<String> attribute(Element parent, String tag, String attribute) {
    return first(parent, tag)
        .map(element -> element.getAttribute(attribute))
        .filter(value -> !value.isEmpty());
  }

  private static String text(Element parent, String tag) {
    return required(parent, tag).getTextContent().strip();
  }

  private static Element required(Element parent, String tag) {
    return first(parent, tag)
        .orElseThrow(() -> new IllegalArgumentException(parent.getTagName() + " without " + tag));
  }

  private static Optional<Element> first(Element parent, String tag) {
    return children(parent, tag).stream().findFirst();
  }

  /** Children only: the same tag deeper down means something else. */
  private static List<Element> children(Element parent, String tag) {
    List<Element> found = new ArrayList<>();
    for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element element && element.getTagName().equals(tag)) {
        found.add(element);
      }
    }
    return found;
  }

  /** The default handler prints to standard error. */
  private static final class Strict implements ErrorHandler {
    @Override
    public void warning(SAXParseException warning) {}

    @Override
    public void error(SAXParseException error) throws SAXException {
      throw error;
    }

    @Override
    public void fatalError(SAXParseException error) throws SAXException {
      throw error;
    }
  }
}
