package io.residuum.serve;

import io.javalin.http.Context;
import io.residuum.json.Json;
import io.residuum.transformer.predict.TextEmbedder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Embeddings in OpenAI's format. */
final class EmbeddingApi {
    private final ServedModel model;
    private final Tasks tasks;
    private final Limits limits;
    private final PredictApi names;

    EmbeddingApi(ServedModel model, Tasks tasks, Limits limits, PredictApi names) {
        this.model = model;
        this.tasks = tasks;
        this.limits = limits;
        this.names = names;
    }

    void embed(Context ctx) throws IOException {
        Fields fields = Exchange.json(ctx, limits);
        names.requireModel(fields);
        fields.required("input");
        List<String> input = fields.strings("input");
        String format = fields.string("encoding_format").orElse("float");
        boolean truncate = fields.bool(PredictApi.TRUNCATE);
        fields.string("user");
        fields.end();
        PredictApi.requireCount("input", input.size(), limits);
        if (!format.equals("float") && !format.equals("base64")) {
            throw ApiException.invalid(
                    "encoding_format", "encoding_format must be float or base64, found %s", format);
        }
        TextEmbedder embedder = tasks.embedder();
        if (!truncate) {
            PredictApi.requireLength("input", embedder.prompt(), input, embedder.encoder());
        }
        List<float[]> vectors = tasks.embeddings().callAll(input);
        List<Json> data = new ArrayList<>();
        for (int i = 0; i < vectors.size(); i++) {
            data.add(
                    Json.object(
                            "object",
                            "embedding",
                            "index",
                            i,
                            "embedding",
                            format.equals("float")
                                    ? floats(vectors.get(i))
                                    : base64(vectors.get(i))));
        }
        int tokens = input.stream().mapToInt(embedder::tokens).sum();
        Exchange.send(
                ctx,
                Json.object(
                        "object",
                        "list",
                        "data",
                        data,
                        "model",
                        model.name(),
                        "usage",
                        Json.object("prompt_tokens", tokens, "total_tokens", tokens)));
    }

    private static List<Float> floats(float[] vector) {
        List<Float> values = new ArrayList<>();
        for (float value : vector) {
            values.add(value);
        }
        return values;
    }

    private static String base64(float[] vector) {
        ByteBuffer bytes =
                ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        return Base64.getEncoder().encodeToString(bytes.array());
    }
}
