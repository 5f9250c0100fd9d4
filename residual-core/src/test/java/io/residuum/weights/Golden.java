package io.residuum.weights;

import java.util.Base64;

/** A file of every kind of tensor, written by safetensors 0.8.0 for Python. */
final class Golden {
    private Golden() {}

    // t = {
    //   "f16": torch.tensor([1.0, -2.5, 65504.0, inf, 5.9604645e-08, nan, 0.1], dtype=float16),
    //   "bf16": torch.tensor([[1.0, -3.140625], [3.3895314e38, -inf]], dtype=bfloat16),
    //   "f32": torch.tensor([0.1, -1.5], dtype=float32),
    //   "f64": torch.tensor([0.1], dtype=float64),
    //   "i8": torch.tensor([-128, 127], dtype=int8),
    //   "u8": torch.tensor([0, 255], dtype=uint8),
    //   "i16": torch.tensor([-32768, 32767], dtype=int16),
    //   "u16": torch.tensor([65535], dtype=uint16),
    //   "i32": torch.tensor([-2**31], dtype=int32),
    //   "u32": torch.tensor([2**32 - 1], dtype=uint32),
    //   "i64": torch.tensor(-2**63),
    //   "u64": torch.tensor([2**64 - 1], dtype=uint64),
    //   "bool": torch.tensor([True, False, True]),
    //   "f8": torch.tensor([1.0, 2.0]).to(float8_e4m3fn),
    //   "c64": torch.tensor([1+2j]),
    //   "empty": torch.zeros(0, 3),
    //   "größe\n": torch.ones(1, 1),
    // }
    // print(base64.b64encode(safetensors.torch.save(t, {"format": "pt", "quote": "\"é\\"})))
    private static final String BASE64 =
            """
            CAQAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCIsInF1b3RlIjoiXCLDqVxcIn0s
            InU2NCI6eyJkdHlwZSI6IlU2NCIsInNoYXBlIjpbMV0sImRhdGFfb2Zmc2V0cyI6WzAsOF19LCJp
            NjQiOnsiZHR5cGUiOiJJNjQiLCJzaGFwZSI6W10sImRhdGFfb2Zmc2V0cyI6WzgsMTZdfSwiZjY0
            Ijp7ImR0eXBlIjoiRjY0Iiwic2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbMTYsMjRdfSwiYzY0
            Ijp7ImR0eXBlIjoiQzY0Iiwic2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbMjQsMzJdfSwiZW1w
            dHkiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzAsM10sImRhdGFfb2Zmc2V0cyI6WzMyLDMyXX0s
            ImYzMiI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6WzMyLDQwXX0s
            Imdyw7bDn2VcbiI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMSwxXSwiZGF0YV9vZmZzZXRzIjpb
            NDAsNDRdfSwidTMyIjp7ImR0eXBlIjoiVTMyIiwic2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpb
            NDQsNDhdfSwiaTMyIjp7ImR0eXBlIjoiSTMyIiwic2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpb
            NDgsNTJdfSwiYmYxNiI6eyJkdHlwZSI6IkJGMTYiLCJzaGFwZSI6WzIsMl0sImRhdGFfb2Zmc2V0
            cyI6WzUyLDYwXX0sImYxNiI6eyJkdHlwZSI6IkYxNiIsInNoYXBlIjpbN10sImRhdGFfb2Zmc2V0
            cyI6WzYwLDc0XX0sInUxNiI6eyJkdHlwZSI6IlUxNiIsInNoYXBlIjpbMV0sImRhdGFfb2Zmc2V0
            cyI6Wzc0LDc2XX0sImkxNiI6eyJkdHlwZSI6IkkxNiIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0
            cyI6Wzc2LDgwXX0sImY4Ijp7ImR0eXBlIjoiRjhfRTRNMyIsInNoYXBlIjpbMl0sImRhdGFfb2Zm
            c2V0cyI6WzgwLDgyXX0sImk4Ijp7ImR0eXBlIjoiSTgiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNl
            dHMiOls4Miw4NF19LCJ1OCI6eyJkdHlwZSI6IlU4Iiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRz
            IjpbODQsODZdfSwiYm9vbCI6eyJkdHlwZSI6IkJPT0wiLCJzaGFwZSI6WzNdLCJkYXRhX29mZnNl
            dHMiOls4Niw4OV19fSD//////////wAAAAAAAACAmpmZmZmZuT8AAIA/AAAAQM3MzD0AAMC/AACA
            P/////8AAACAgD9JwH9/gP8APADB/3sAfAEAAH5mLv//AID/fzhAgH8A/wEAAQ==
            """;

    static byte[] bytes() {
        return Base64.getMimeDecoder().decode(BASE64);
    }
}
