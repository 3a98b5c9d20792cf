package org.holdfast.libvirt.binding;

import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.libvirt.TypedBooleanParameter;
import org.libvirt.TypedDoubleParameter;
import org.libvirt.TypedIntParameter;
import org.libvirt.TypedLongParameter;
import org.libvirt.TypedParameter;
import org.libvirt.TypedStringParameter;
import org.libvirt.TypedUintParameter;
import org.libvirt.TypedUlongParameter;

/**
 * struct virTypedParameter of libvirt/libvirt-common.h, read into plain values: Long for every
 * integer (unsigned 64-bit ones as the same bits), Double, Boolean, String.
 */
public final class TypedParameters {
  private static final int FIELD_BYTES = 80;
  private static final int TYPE_OFFSET = 80;
  private static final int VALUE_OFFSET = 88;
  private static final int STRUCT_BYTES = 96;

  private TypedParameters() {}

  /** Reads an array that stays the property of libvirt: what an event's callback is given. */
  static Map<String, Object> read(@Nullable Pointer array, int count) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (int i = 0; array != null && i < count; i++) {
      Pointer parameter = array.share((long) i * STRUCT_BYTES, STRUCT_BYTES);
      Object value = value(parameter);
      if (value != null) {
        values.put(name(parameter), value);
      }
    }
    return values;
  }

  private static String name(Pointer parameter) {
    byte[] field = parameter.getByteArray(0, FIELD_BYTES);
    int length = 0;
    while (length < FIELD_BYTES && field[length] != 0) {
      length++;
    }
    return new String(field, 0, length, StandardCharsets.US_ASCII);
  }

  private static @Nullable Object value(Pointer parameter) {
    return switch (parameter.getInt(TYPE_OFFSET)) {
      case 1 -> (long) parameter.getInt(VALUE_OFFSET);
      case 2 -> Integer.toUnsignedLong(parameter.getInt(VALUE_OFFSET));
      case 3, 4 -> parameter.getLong(VALUE_OFFSET);
      case 5 -> parameter.getDouble(VALUE_OFFSET);
      case 6 -> parameter.getByte(VALUE_OFFSET) != 0;
      case 7 -> text(parameter.getPointer(VALUE_OFFSET));
      default -> null;
    };
  }

  private static @Nullable Object text(@Nullable Pointer text) {
    return text == null ? null : text.getString(0, "UTF-8");
  }

  /** The same values from what the Java bindings have read. */
  public static Map<String, Object> read(TypedParameter[] parameters) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (TypedParameter parameter : parameters) {
      Object value = value(parameter);
      if (value != null) {
        values.put(parameter.field, value);
      }
    }
    return values;
  }

  private static @Nullable Object value(TypedParameter parameter) {
    if (parameter instanceof TypedIntParameter number) {
      return (long) number.value;
    } else if (parameter instanceof TypedUintParameter number) {
      return Integer.toUnsignedLong(number.value);
    } else if (parameter instanceof TypedLongParameter number) {
      return number.value;
    } else if (parameter instanceof TypedUlongParameter number) {
      return number.value;
    } else if (parameter instanceof TypedDoubleParameter number) {
      return number.value;
    } else if (parameter instanceof TypedBooleanParameter flag) {
      return flag.value;
    } else if (parameter instanceof TypedStringParameter text) {
      return text.value;
    }
    return null;
  }
}
