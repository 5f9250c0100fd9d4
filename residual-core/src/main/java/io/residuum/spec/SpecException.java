package io.residuum.spec;

import io.residuum.ResiduumException;
import io.residuum.json.JsonException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A spec that cannot be: the message names the invariant, the value found and the fix. Where the
 * spec came from a file it begins with {@code file:line: $.path: }; where a layer cannot be built,
 * with the layer's dotted path.
 */
public final class SpecException extends ResiduumException {
    private static final long serialVersionUID = 1L;

    private final String path;
    private final String detail;
    private final transient List<LayerSpec> trail;

    /**
     * Creates an exception.
     *
     * @param message what must hold, what was found, and what to do
     */
    public SpecException(String message) {
        this("", message, List.of(), null);
    }

    /**
     * Creates an exception with a cause.
     *
     * @param message what must hold, what was found, and what to do
     * @param cause the underlying failure
     */
    public SpecException(String message, Throwable cause) {
        this("", message, List.of(), cause);
    }

    /**
     * Creates an exception from one of a JSON document.
     *
     * @param e the failure to read the document
     */
    public SpecException(JsonException e) {
        this(String.valueOf(e.getMessage()), e);
    }

    private SpecException(
            String path, String detail, List<LayerSpec> trail, @Nullable Throwable cause) {
        super(path.isEmpty() ? detail : path + ": " + detail, cause);
        this.path = path;
        this.detail = detail;
        this.trail = List.copyOf(trail);
    }

    /** Creates the failure as seen from the parent that builds {@code spec} under {@code name}. */
    static SpecException within(String name, LayerSpec spec, RuntimeException e) {
        if (!(e instanceof SpecException inner)) {
            return new SpecException(name, String.valueOf(e.getMessage()), List.of(spec), e);
        }
        List<LayerSpec> trail = new ArrayList<>(inner.trail);
        trail.add(spec);
        String path = inner.path.isEmpty() ? name : name + "." + inner.path;
        return new SpecException(path, inner.detail, trail, e);
    }

    /**
     * Returns the message without the place: the invariant, the value found, and the fix.
     *
     * @return the message's last part
     */
    public String detail() {
        return detail;
    }

    /**
     * The layers that were being built, the innermost first.
     *
     * @return empty if no layer was being built
     */
    public List<LayerSpec> trail() {
        return trail;
    }
}
