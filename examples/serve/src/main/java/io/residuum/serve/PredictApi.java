package io.residuum.serve;

import io.javalin.http.Context;
import io.javalin.http.UploadedFile;
import io.residuum.json.Json;
import io.residuum.model.Classification;
import io.residuum.transformer.train.TextEncoder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Predictions for images, texts and tensors. */
final class PredictApi {
    private static final String SAFETENSORS = "application/vnd.safetensors";
    private static final String BYTES = "application/octet-stream";
    private static final String MULTIPART = "multipart/form-data";
    private static final int TOP = 5;

    /** The member of a request that lets the server cut texts. */
    static final String TRUNCATE = "truncate";

    private final ServedModel model;
    private final Tasks tasks;
    private final Limits limits;

    PredictApi(ServedModel model, Tasks tasks, Limits limits) {
        this.model = model;
        this.tasks = tasks;
        this.limits = limits;
    }

    /** Answers a request by the type of its body. */
    void predict(Context ctx) throws IOException {
        String type = Exchange.type(ctx);
        if (type.equals(Exchange.JSON)) {
            json(ctx);
        } else if (type.equals(MULTIPART)) {
            images(ctx, files(ctx), top(ctx));
        } else if (type.equals("text/plain")) {
            int top = top(ctx);
            boolean truncate = truncate(ctx);
            texts(ctx, List.of(text(Exchange.body(ctx, limits))), top, truncate);
        } else if (type.equals(SAFETENSORS) || type.equals(BYTES) && !tasks.readsImages()) {
            byte[] body = Exchange.body(ctx, limits);
            try (TensorFile tensors = TensorFile.of(model.name(), body)) {
                tensors(ctx, tensors);
            }
        } else if (type.startsWith("image/") || type.equals(BYTES)) {
            int top = top(ctx);
            images(ctx, List.of(Exchange.body(ctx, limits)), top);
        } else {
            throw Exchange.unsupported(
                    ctx,
                    String.join(
                            ", ", Exchange.JSON, "image/*", MULTIPART, "text/plain", SAFETENSORS));
        }
    }

    private void json(Context ctx) throws IOException {
        Fields fields = Exchange.json(ctx, limits);
        requireModel(fields);
        int top = (int) fields.integer("top", top(ctx), 1, Integer.MAX_VALUE);
        List<String> images = fields.strings("images");
        List<String> texts = fields.strings("texts");
        Optional<Json> tensors = fields.find("tensors");
        boolean truncate = fields.bool(TRUNCATE) || truncate(ctx);
        fields.end();
        if (truncate && texts.isEmpty()) {
            throw ApiException.invalid(TRUNCATE, "%s is for texts, found none", TRUNCATE);
        }
        int kinds =
                (images.isEmpty() ? 0 : 1)
                        + (texts.isEmpty() ? 0 : 1)
                        + (tensors.isPresent() ? 1 : 0);
        if (kinds != 1) {
            throw ApiException.invalid(
                    "body", "the body must have one of images, texts and tensors, found %d", kinds);
        }
        if (tensors.isPresent()) {
            try (TensorFile file =
                    TensorFile.of(model.name(), new Fields("tensors", tensors.get()))) {
                tensors(ctx, file);
            }
        } else if (texts.isEmpty()) {
            requireCount("images", images.size(), limits);
            images(ctx, images.stream().map(PredictApi::decoded).toList(), top);
        } else {
            texts(ctx, texts, top, truncate);
        }
    }

    /** Refuses a request for another model. */
    void requireModel(Fields fields) {
        fields.string("model")
                .filter(name -> !name.equals(model.name()))
                .ifPresent(
                        name -> {
                            throw ApiException.of(
                                    ApiException.NOT_FOUND,
                                    "model_not_found",
                                    "the model must be %s, found %s",
                                    model.name(),
                                    name);
                        });
    }

    static void requireCount(String what, int count, Limits limits) {
        if (count < 1 || count > limits.samples()) {
            throw ApiException.invalid(
                    what, "%s must be 1 to %d, found %d", what, limits.samples(), count);
        }
    }

    /** Refuses texts whose ends the model would not read. */
    static void requireLength(String what, String prompt, List<String> texts, TextEncoder encoder) {
        for (int i = 0; i < texts.size(); i++) {
            int tokens = encoder.tokenizer().encodeForModel(prompt + texts.get(i)).length;
            if (tokens > encoder.length()) {
                throw ApiException.tooLong(what, i, encoder.length(), tokens);
            }
        }
    }

    /** Decodes base64, alone or in a data URL. */
    private static byte[] decoded(String text) {
        int comma = text.startsWith("data:") ? text.indexOf(";base64,") : -1;
        String base64 = comma < 0 ? text : text.substring(comma + ";base64,".length());
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid(
                    "images", "an image must be base64 or a data URL with base64, found neither");
        }
    }

    private static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }

    private static int top(Context ctx) {
        String text = ctx.queryParam("top");
        if (text == null) {
            return TOP;
        }
        if (!text.matches("[1-9]\\d{0,8}")) {
            throw ApiException.invalid("top", "top must be a positive integer, found %s", text);
        }
        return Integer.parseInt(text);
    }

    private static boolean truncate(Context ctx) {
        String text = Objects.requireNonNullElse(ctx.queryParam(TRUNCATE), "false");
        if (!text.equals("true") && !text.equals("false")) {
            throw ApiException.invalid(
                    TRUNCATE, "%s must be true or false, found %s", TRUNCATE, text);
        }
        return text.equals("true");
    }

    private List<byte[]> files(Context ctx) throws IOException {
        Exchange.requireSize(ctx.req().getContentLengthLong(), limits);
        List<UploadedFile> uploaded;
        try {
            uploaded = ctx.uploadedFiles();
        } catch (Exception e) {
            // Jetty's exceptions are checked, and Kotlin does not declare them.
            throw ApiException.of(
                    ApiException.BAD_REQUEST,
                    "invalid_multipart",
                    "the body must be a complete %s within the limits, found another",
                    MULTIPART);
        }
        requireCount("images", uploaded.size(), limits);
        List<byte[]> files = new ArrayList<>();
        for (UploadedFile file : uploaded) {
            try (InputStream in = file.content()) {
                files.add(in.readAllBytes());
            }
        }
        return files;
    }

    private void images(Context ctx, List<byte[]> images, int top) throws IOException {
        send(ctx, tasks.classify(images), top);
    }

    private void texts(Context ctx, List<String> texts, int top, boolean truncate)
            throws IOException {
        requireCount("texts", texts.size(), limits);
        Batcher<String, Classification> batcher = tasks.texts();
        if (!truncate) {
            requireLength("texts", "", texts, tasks.textEncoder());
        }
        send(ctx, batcher.callAll(texts), top);
    }

    private void send(Context ctx, List<Classification> found, int top) throws IOException {
        List<Map<String, Object>> predictions =
                found.stream().map(c -> Map.<String, Object>of("classes", c.top(top))).toList();
        Exchange.send(ctx, Json.object("model", model.name(), "predictions", predictions));
    }

    private void tensors(Context ctx, TensorFile tensors) throws IOException {
        tensors.check(model.network().spec());
        byte[] body = tasks.tensors().call(tensors);
        Exchange.send(ctx, tensors.asJson() ? Exchange.JSON : SAFETENSORS, body);
    }

    /** Sends a picture of what the network looks at. */
    void explain(Context ctx) throws IOException {
        String type = Exchange.type(ctx);
        if (!type.startsWith("image/") && !type.equals(BYTES)) {
            throw Exchange.unsupported(ctx, "image/*");
        }
        Exchange.send(ctx, "image/png", tasks.explain(Exchange.body(ctx, limits)));
    }
}
