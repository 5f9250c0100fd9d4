package io.residuum.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.EngineChoice;
import io.residuum.model.ClassProbability;
import io.residuum.model.Network;
import io.residuum.testing.Engines;
import io.residuum.vision.predict.ImageClassifier;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Locale;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Uses the page in a browser. */
class PageTest {
    private static final EngineChoice ENGINE = Engines.all().get(0);
    private static final String READY = "document.body?.dataset.ready === 'true'";

    @TempDir private Path profile;

    @BeforeEach
    void needsABrowser() {
        Assumptions.assumeTrue(
                Browser.program().isPresent(),
                "no Chromium on the path (Debian: apt-get install chromium)");
    }

    @Test
    void aDroppedImageShowsClassesAndHeatMap() throws Exception {
        try (Network network = Fixtures.images(ENGINE);
                ImageClassifier classifier = ImageClassifier.of(network);
                ModelServer server =
                        ModelServer.start(ServedModel.of("tiny", network, null), Fixtures.OPTIONS);
                Browser browser =
                        Browser.open(Browser.program().orElseThrow(), server.url(), profile)) {
            browser.await(READY);
            String base64 = Base64.getEncoder().encodeToString(Fixtures.png(1));
            browser.run(
                    """
                    const bytes = Uint8Array.from(atob('%s'), c => c.charCodeAt(0));
                    const transfer = new DataTransfer();
                    transfer.items.add(new File([bytes], 'a.png', {type: 'image/png'}));
                    document.getElementById('drop').dispatchEvent(
                        new DragEvent('drop', {dataTransfer: transfer, bubbles: true, cancelable: true}));
                    """
                            .formatted(base64));
            browser.await(
                    "document.querySelectorAll('#classes tr').length === 3"
                            + " && document.getElementById('explanation').naturalWidth > 0"
                            + " && document.getElementById('picture').naturalWidth === 20");
            ClassProbability best = classifier.classify(Fixtures.png(1)).best();
            assertEquals(
                    best.name() + String.format(Locale.ROOT, " %.1f%%", 100 * best.probability()),
                    browser.run(
                            "[...document.querySelectorAll('#classes tr:first-child td')].map(c =>"
                                    + " c.textContent).filter(t => t).join(' ')"));

            browser.run("classifyImage(new File(['no picture'], 'a.png', {type: 'image/png'}))");
            browser.await("!document.getElementById('error').hidden");
            assertTrue(
                    browser.run("document.getElementById('error').textContent")
                            .contains("must be a JPEG, PNG"),
                    "the message of the server");
        }
    }

    @Test
    void aPromptStreamsItsText() throws Exception {
        try (Network network = Fixtures.plays(ENGINE);
                ModelServer server =
                        ModelServer.start(
                                ServedModel.of("tiny", network, Fixtures.LETTERS),
                                Fixtures.OPTIONS);
                Browser browser =
                        Browser.open(Browser.program().orElseThrow(), server.url(), profile)) {
            browser.await(READY);
            assertEquals("true", browser.run("String(document.getElementById('images').hidden)"));
            browser.run(
                    "document.getElementById('prompt').value = 'to be';"
                            + " document.getElementById('send').click()");
            browser.await("document.getElementById('text').textContent.length > 30");
            browser.await("document.getElementById('stop').hidden");
            assertEquals(
                    "205",
                    browser.run("String(document.getElementById('text').textContent.length)"));
        }
    }
}
