package io.residuum.model.djl;

import ai.djl.Model;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.ndarray.NDList;
import ai.djl.translate.NoopServingTranslatorFactory;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorFactory;
import ai.djl.util.Pair;
import io.residuum.model.djl.NetworkModel.Opened;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Creates translators that prepare samples as the model's spec says: with its normalization, class
 * names and tokenizer. Tensors ({@code NDList}) pass unchanged.
 */
public final class TaskTranslatorFactory implements TranslatorFactory {
    private final List<TaskTranslator<?, ?>> tasks = new ArrayList<>();

    /** Creates a factory for the tasks of all modules on the class path. */
    public TaskTranslatorFactory() {
        ServiceLoader.load(TaskTranslator.class).forEach(tasks::add);
    }

    @Override
    public Set<Pair<Type, Type>> getSupportedTypes() {
        Set<Pair<Type, Type>> types = new LinkedHashSet<>();
        types.add(new Pair<>(NDList.class, NDList.class));
        types.add(new Pair<>(Input.class, Output.class));
        tasks.forEach(task -> types.add(new Pair<>(task.input(), task.output())));
        return types;
    }

    /** Returns true, because DJL otherwise takes a translator that does not know the network. */
    @Override
    public boolean isSupported(Class<?> input, Class<?> output) {
        return true;
    }

    @Override
    @SuppressWarnings("unchecked") // the classes were compared
    public <I, O> Translator<I, O> newInstance(
            Class<I> input, Class<O> output, Model model, @Nullable Map<String, ?> arguments)
            throws TranslateException {
        if (!(model instanceof NetworkModel network)) {
            throw new TranslateException(
                    "a model must be of the engine %s, found %s: add optEngine(\"%1$s\")"
                            .formatted(NetworkEngineProvider.NAME, model.getClass().getName()));
        }
        if (input == NDList.class && output == NDList.class) {
            return (Translator<I, O>) new NoopTranslator();
        }
        if (input == Input.class && output == Output.class) {
            return (Translator<I, O>) network.knows(serving(network));
        }
        for (TaskTranslator<?, ?> task : tasks) {
            if (task.input() == input && task.output() == output) {
                Optional<? extends Translator<?, ?>> found = open(task, network.opened());
                if (found.isPresent()) {
                    return (Translator<I, O>) network.knows(found.get());
                }
            }
        }
        throw new TranslateException(
                "%s must take %s and give %s, but has another task; choose from %s"
                        .formatted(
                                network.opened().source().label(),
                                input.getSimpleName(),
                                output.getSimpleName(),
                                names()));
    }

    private static <I, O> Optional<Translator<I, O>> open(
            TaskTranslator<I, O> task, Opened opened) {
        return task.open(opened.source(), opened.network(), opened.owned());
    }

    private String names() {
        return getSupportedTypes().stream()
                .map(types -> name(types.getKey()) + " to " + name(types.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String name(Type type) {
        return ((Class<?>) type).getSimpleName();
    }

    /** Returns the translator of the model's task, or else one of tensors. */
    private Translator<Input, Output> serving(NetworkModel model) {
        for (TaskTranslator<?, ?> task : tasks) {
            Optional<Translator<Input, Output>> found = serving(task, model.opened());
            if (found.isPresent()) {
                return found.get();
            }
        }
        return new NoopServingTranslatorFactory()
                .newInstance(Input.class, Output.class, model, Map.of());
    }

    private static <I, O> Optional<Translator<Input, Output>> serving(
            TaskTranslator<I, O> task, Opened opened) {
        return open(task, opened).map(task::serving);
    }
}
