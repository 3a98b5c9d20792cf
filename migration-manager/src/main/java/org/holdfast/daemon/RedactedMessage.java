package org.holdfast.daemon;

import ch.qos.logback.classic.pattern.MessageConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import com.google.protobuf.ByteString;
import com.google.protobuf.DebugFormat;
import com.google.protobuf.Message;
import org.slf4j.helpers.MessageFormatter;

/**
 * What a log line says, without secrets: protocol messages are written with the fields left out
 * that their .proto calls debug_redact, and of bytes there is only the number. logback.xml names
 * it.
 */
public final class RedactedMessage extends MessageConverter {

  @Override
  public String convert(ILoggingEvent event) {
    Object[] arguments = event.getArgumentArray();
    if (arguments == null) {
      return event.getFormattedMessage();
    }
    Object[] redacted = new Object[arguments.length];
    for (int index = 0; index < arguments.length; index++) {
      redacted[index] = redacted(arguments[index]);
    }
    return MessageFormatter.basicArrayFormat(event.getMessage(), redacted);
  }

  private static Object redacted(Object argument) {
    if (argument instanceof Message message) {
      return DebugFormat.singleLine().toString(message);
    }
    if (argument instanceof Message.Builder builder) {
      return DebugFormat.singleLine().toString(builder.buildPartial());
    }
    return argument instanceof ByteString bytes ? "<" + bytes.size() + " bytes>" : argument;
  }
}
