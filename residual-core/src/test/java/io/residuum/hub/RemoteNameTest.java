package io.residuum.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteNameTest {

    @ParameterizedTest
    @CsvSource({
        "hf:timm/resnet50.a1_in1k, timm/resnet50.a1_in1k, main, ",
        "hf:gpt2, gpt2, main, ",
        "hf:org/model@v1.0, org/model, v1.0, ",
        "hf:org/model@refs/pr/1, org/model, refs/pr/1, ",
        "hf:org/model/sub/a.bin@dev, org/model, dev, sub/a.bin"
    })
    void namesOfAHub(String text, String repository, String revision, String file) {
        RemoteName name = RemoteName.parse(text).orElseThrow();
        assertEquals(
                new RemoteName.Repository(repository, revision, Optional.ofNullable(file)), name);
        assertEquals(text, name.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"resnet50", "runs/first", "./hf:x", "C:\\models\\a.pth", "httpd.json"})
    void pathsAreNoRemoteNames(String text) {
        assertEquals(Optional.empty(), RemoteName.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hf:",
                "hf:/model",
                "hf:org/..",
                "hf:../model",
                "hf:org/model@",
                "hf:org/model@../../x",
                "hf:org/model@a b",
                "hf:org/model/../../x",
                "hf:org/model/a/..",
                "hf:org/mo?del",
                "hf:org/model/a%2F..\\b",
                "http://example.org/a.pth",
                "https:///a.pth",
                "https://example.org/",
                "https://user:pw4@example.org/a.pth",
                "https://example.org/a b.pth",
                "https://example.org/a.pth#md5=00",
                "https://huggingface.co/timm/resnet50.a1_in1k"
            })
    void invalidNamesAreErrors(String text) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> RemoteName.parse(text));
        assertFalse(e.getMessage().contains("pw4"), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "https://h.org/a.pth, ",
        "https://h.org/resnet50-0676ba61.pth, 0676ba61",
        "https://h.org/net-20200101.pth, ",
        "https://h.org/net-0676ba61.pth#sha256=11111111, 11111111",
        "https://huggingface.co/o/m/resolve/main/a.bin, "
    })
    void checksumsOfAddresses(String text, String sha256) {
        RemoteName.Web web = (RemoteName.Web) RemoteName.parse(text).orElseThrow();
        assertEquals(Optional.ofNullable(sha256), web.sha256());
        assertNull(web.uri().getFragment());
    }

    @Test
    void settingsComeFromPropertiesAndTheEnvironment() {
        Map<String, String> environment =
                Map.of(
                        "HF_ENDPOINT", "https://mirror.example/",
                        "HF_TOKEN", "hf_x",
                        "HF_HUB_OFFLINE", "1");
        Path cache = Path.of("cache");
        HubSettings settings = HubSettings.of(cache, name -> null, environment::get);
        assertEquals("https://mirror.example", settings.endpoint().toString());
        assertEquals(cache, settings.cache());
        assertEquals("hf_x", settings.token());
        assertTrue(settings.offline());
        Map<String, String> properties = Map.of("residuum.offline", "false");
        HubSettings changed = HubSettings.of(cache, properties::get, environment::get);
        assertFalse(changed.offline());
        HubException e =
                assertThrows(
                        HubException.class,
                        () ->
                                HubSettings.of(
                                        cache,
                                        name -> null,
                                        name -> "HF_HUB_OFFLINE".equals(name) ? "ture" : null));
        assertTrue(e.getMessage().endsWith("off, got ture"), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "http://mirror.example, t, https",
        "https://mirror.example, 'a b', printable",
        "ftp://mirror.example, , address",
        "not a url, , address"
    })
    void invalidSettingsAreErrors(String endpoint, String token, String says) {
        HubException e =
                assertThrows(
                        HubException.class,
                        () ->
                                HubSettings.of(
                                        Path.of("cache"),
                                        name -> null,
                                        name ->
                                                switch (name) {
                                                    case "HF_ENDPOINT" -> endpoint;
                                                    case "HF_TOKEN" -> token;
                                                    default -> null;
                                                }));
        assertTrue(e.getMessage().contains(says), e.getMessage());
    }
}
