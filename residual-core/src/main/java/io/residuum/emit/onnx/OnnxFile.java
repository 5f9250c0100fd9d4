package io.residuum.emit.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.residuum.files.AtomicFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Writes the files of a translated graph. Messages that hold weights are written field by field,
 * because building them would need several times the model's size in memory.
 */
record OnnxFile(
        OnnxTranslation translation,
        Function<String, float[]> weights,
        OnnxWriter.Options options) {
    /** The alignment that the format recommends, so that a runtime can memory-map a tensor. */
    private static final int ALIGNMENT = 4096;

    /** The smallest tensor of the second file, in bytes: runtimes need smaller ones inline. */
    private static final int LEAST_OUTSIDE = 1024;

    /** A weight in the second file. */
    private record Placed(OnnxWeight weight, long offset) {}

    List<Path> write(Path file) throws IOException {
        ModelProto model = model();
        GraphProto graph = translation.onnx().proto().build();
        List<OnnxWeight> all = List.copyOf(translation.weights());
        List<Placed> outside = placed(all);
        if (outside.isEmpty() || size(model, graph, all) <= options.limit()) {
            AtomicFiles.write(file, out -> write(model, graph, all, out));
            return List.of(file);
        }
        Path data = file.resolveSibling(file.getFileName() + ".data");
        GraphProto referring = referring(graph, outside, String.valueOf(data.getFileName()));
        List<OnnxWeight> inside = all.stream().filter(w -> !isOutside(w)).toList();
        // The model file appears last, so that it never refers to missing values.
        AtomicFiles.writeTogether(
                List.of(
                        new AtomicFiles.Part(data, out -> write(outside, out)),
                        new AtomicFiles.Part(file, out -> write(model, referring, inside, out))));
        return List.of(file, data);
    }

    private ModelProto model() {
        ModelProto.Builder model =
                ModelProto.newBuilder()
                        .setIrVersion(OnnxTranslation.IR_VERSION)
                        .setProducerName("Residuum");
        model.addOpsetImportBuilder().setDomain("").setVersion(OnnxTranslation.OPSET);
        if (translation.weights().stream().anyMatch(OnnxWeight::isPacked)) {
            model.addOpsetImportBuilder().setDomain(OnnxGraph.CONTRIBUTED).setVersion(1);
        }
        new TreeMap<>(options.metadata())
                .forEach(
                        (key, value) ->
                                model.addMetadataProps(
                                        StringStringEntryProto.newBuilder()
                                                .setKey(key)
                                                .setValue(value)));
        return model.build();
    }

    private static boolean isOutside(OnnxWeight weight) {
        return weight.bytes() >= LEAST_OUTSIDE;
    }

    private static List<Placed> placed(List<OnnxWeight> all) {
        List<Placed> placed = new ArrayList<>();
        long end = 0;
        for (OnnxWeight weight : all) {
            if (isOutside(weight)) {
                long offset = (end + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
                placed.add(new Placed(weight, offset));
                end = offset + weight.bytes();
            }
        }
        return placed;
    }

    private static GraphProto referring(GraphProto graph, List<Placed> outside, String location) {
        GraphProto.Builder all = graph.toBuilder();
        for (Placed placed : outside) {
            all.addInitializer(
                    placed.weight
                            .header()
                            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                            .addExternalData(entry("location", location))
                            .addExternalData(entry("offset", placed.offset))
                            .addExternalData(entry("length", placed.weight.bytes())));
        }
        return all.build();
    }

    private static StringStringEntryProto entry(String key, Object value) {
        return StringStringEntryProto.newBuilder()
                .setKey(key)
                .setValue(String.valueOf(value))
                .build();
    }

    private void write(List<Placed> outside, OutputStream out) throws IOException {
        long end = 0;
        for (Placed placed : outside) {
            out.write(new byte[Math.toIntExact(placed.offset - end)]);
            placed.weight.write(weights, out);
            end = placed.offset + placed.weight.bytes();
        }
    }

    private void write(
            ModelProto model, GraphProto graph, List<OnnxWeight> inside, OutputStream out)
            throws IOException {
        CodedOutputStream coded = CodedOutputStream.newInstance(out);
        model.writeTo(coded);
        writeFieldHeader(coded, ModelProto.GRAPH_FIELD_NUMBER, graphSize(graph, inside));
        graph.writeTo(coded);
        for (OnnxWeight weight : inside) {
            TensorProto header = weight.header().build();
            writeFieldHeader(
                    coded, GraphProto.INITIALIZER_FIELD_NUMBER, tensorSize(header, weight));
            header.writeTo(coded);
            writeFieldHeader(coded, TensorProto.RAW_DATA_FIELD_NUMBER, weight.bytes());
            coded.flush();
            weight.write(weights, out);
        }
        coded.flush();
    }

    private static void writeFieldHeader(CodedOutputStream coded, int field, long length)
            throws IOException {
        coded.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        coded.writeUInt64NoTag(length);
    }

    private static long size(ModelProto model, GraphProto graph, List<OnnxWeight> inside) {
        return model.getSerializedSize()
                + fieldSize(ModelProto.GRAPH_FIELD_NUMBER, graphSize(graph, inside));
    }

    private static long graphSize(GraphProto graph, List<OnnxWeight> inside) {
        long size = graph.getSerializedSize();
        for (OnnxWeight weight : inside) {
            long tensor = tensorSize(weight.header().build(), weight);
            size += fieldSize(GraphProto.INITIALIZER_FIELD_NUMBER, tensor);
        }
        return size;
    }

    private static long tensorSize(TensorProto header, OnnxWeight weight) {
        return header.getSerializedSize()
                + fieldSize(TensorProto.RAW_DATA_FIELD_NUMBER, weight.bytes());
    }

    private static long fieldSize(int field, long length) {
        return CodedOutputStream.computeTagSize(field)
                + CodedOutputStream.computeUInt64SizeNoTag(length)
                + length;
    }
}
