package io.residuum.weights.dialect;

import io.residuum.spec.WithBuilder;
import io.residuum.weights.StateDict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Settings for loading the weights of a file into a network.
 *
 * @param dialects the dialects that the tensors' names may have
 * @param variant the weights to read from a checkpoint that holds several
 * @param prefix the prefix of the tensors to read, which is removed; other tensors are left out.
 *     Empty for all tensors
 * @param strippedPrefix a prefix that is removed from the names that begin with it; empty for none
 * @param allowMissing patterns of the network's parameters that the file may lack; they keep their
 *     random values. {@code *} stands for any text
 * @param allowUnexpected patterns of the file's tensors that the network may lack
 */
@WithBuilder
public record ImportOptions(
        Dialects dialects,
        StateDict.Variant variant,
        String prefix,
        String strippedPrefix,
        List<String> allowMissing,
        List<String> allowUnexpected)
        implements ImportOptionsBuilder.With {

    public ImportOptions {
        allowMissing = List.copyOf(allowMissing);
        allowUnexpected = List.copyOf(allowUnexpected);
    }

    /** {@return the settings that find the dialect by the names, and require all tensors} */
    public static ImportOptions standard() {
        return new ImportOptions(
                Dialects.standard(), StateDict.Variant.PLAIN, "", "", List.of(), List.of());
    }

    /**
     * {@return these settings with more parameters that the file may lack}
     *
     * @param paths the parameters
     */
    public ImportOptions allowing(Collection<String> paths) {
        List<String> all = new ArrayList<>(allowMissing);
        all.addAll(paths);
        return withAllowMissing(all);
    }

    /**
     * {@return the tensors of a file with these settings, to be closed by the caller}
     *
     * @param file as in {@link StateDict#open(Path)}
     * @throws io.residuum.weights.WeightsException if the file cannot be read, or no name has the
     *     prefix
     */
    public StateDict open(Path file) {
        StateDict tensors = StateDict.open(file, variant);
        try {
            StateDict selected = prefix.isEmpty() ? tensors : tensors.select(prefix);
            return strippedPrefix.isEmpty() ? selected : selected.strip(strippedPrefix);
        } catch (RuntimeException e) {
            tensors.close();
            throw e;
        }
    }
}
