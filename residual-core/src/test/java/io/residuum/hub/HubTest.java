package io.residuum.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.files.FolderLock;
import io.residuum.testing.Programs;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Downloads from a hub on this machine, with faults. */
class HubTest {
    private static final String WEIGHTS = "model.safetensors";
    private static final byte[] CONTENT = content(300_000);

    @TempDir Path cache;
    private final List<String> notes = Collections.synchronizedList(new ArrayList<>());
    private final List<Long> begins = Collections.synchronizedList(new ArrayList<>());
    private FakeHub server;

    private static byte[] content(int length) {
        byte[] content = new byte[length];
        new Random(1).nextBytes(content);
        return content;
    }

    @BeforeEach
    void start() throws IOException {
        server =
                new FakeHub()
                        .put("org/model", "config.json", "{}")
                        .put("org/model", "onnx/model.json", "[]")
                        .put("org/model", WEIGHTS, CONTENT);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private final TransferListener listener =
            new TransferListener() {
                @Override
                public void started(String file, long present, long size) {
                    begins.add(present);
                }

                @Override
                public void note(String line) {
                    notes.add(line);
                }
            };

    private Hub hub() {
        return hub(server.settings(cache));
    }

    private Hub hub(HubSettings settings) {
        return new Hub(settings, listener);
    }

    private static RemoteName.Repository repository(String text) {
        return (RemoteName.Repository) RemoteName.parse(text).orElseThrow();
    }

    private RemoteName.Web web(String path) {
        return (RemoteName.Web) RemoteName.parse(server.endpoint() + "/" + path).orElseThrow();
    }

    private Path fetch(String file) {
        return fetch(hub(), file);
    }

    private static Path fetch(Hub hub, String file) {
        return hub.open(repository("hf:org/model")).fetch(List.of(file)).get(0);
    }

    private String error(String file) {
        return assertThrows(HubException.class, () -> fetch(file)).getMessage();
    }

    private List<String> leftIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString())
                    .filter(f -> !f.startsWith(".residuum"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void filesLieUnderTheirCommitAndAreDownloadedOnce() throws IOException {
        HubSnapshot snapshot = hub().open(repository("hf:org/model"));
        assertEquals(FakeHub.COMMIT, snapshot.commit());
        assertTrue(snapshot.files().contains("onnx/model.json"), snapshot.files().toString());
        Path file = snapshot.fetch(List.of(WEIGHTS, "onnx/model.json")).get(0);
        assertArrayEquals(CONTENT, Files.readAllBytes(file));
        assertTrue(file.endsWith(Path.of("org--model", FakeHub.COMMIT, WEIGHTS)), file.toString());
        assertEquals("[]", Files.readString(snapshot.folder().resolve("onnx/model.json")));
        int before = server.count();
        fetch(WEIGHTS);
        assertEquals(before + 1, server.count(), "only the branch is looked up again");
        hub().open(repository("hf:org/model@" + FakeHub.COMMIT)).fetch(List.of(WEIGHTS));
        assertEquals(before + 1, server.count(), "a commit does not change");
    }

    @Test
    void tokenStaysAtTheHub() {
        HubSettings settings = server.settings(cache).withToken("hf_secret");
        fetch(hub(settings), WEIGHTS);
        assertEquals(
                "Bearer hf_secret",
                server.requests(WEIGHTS).get(0).header("Authorization").orElseThrow());
        assertEquals(
                "Bearer hf_secret",
                server.requests("main").get(0).header("Authorization").orElseThrow());
        assertEquals(1, server.stored(WEIGHTS).size());
        assertTrue(server.stored(WEIGHTS).get(0).header("Authorization").isEmpty());
        assertFalse(settings.toString().contains("hf_secret"), settings.toString());
    }

    @Test
    void cutConnectionIsResumed() throws IOException {
        server.fail(WEIGHTS, FakeHub.cut(CONTENT, 100_000), FakeHub.status(503));
        Path file = fetch(WEIGHTS);
        assertArrayEquals(CONTENT, Files.readAllBytes(file));
        long kept = begins.get(1);
        assertTrue(kept > 0 && kept <= 100_000, begins.toString());
        assertEquals(
                "bytes=" + kept + "-", server.stored(WEIGHTS).get(2).header("Range").orElseThrow());
        assertEquals(2, notes.size(), notes.toString());
        assertEquals(List.of(WEIGHTS), leftIn(file.getParent()), "no partial file is left");
    }

    @Test
    void anotherProcessGoesOn() throws IOException {
        leave(Arrays.copyOf(CONTENT, 200_000));
        assertArrayEquals(CONTENT, Files.readAllBytes(fetch(WEIGHTS)));
        assertEquals(List.of(200_000L), begins);
    }

    @ParameterizedTest
    @ValueSource(ints = {200_000, 300_000, 400_000})
    void damagedPartIsReplaced(int length) throws IOException {
        leave(new byte[length]);
        assertArrayEquals(CONTENT, Files.readAllBytes(fetch(WEIGHTS)));
        assertEquals(0, begins.get(begins.size() - 1));
        assertEquals(1, notes.size(), notes.toString());
    }

    private void leave(byte[] part) throws IOException {
        Path folder = hub().open(repository("hf:org/model")).folder();
        Files.createDirectories(folder);
        Files.write(folder.resolve("." + WEIGHTS + ".part"), part);
    }

    @Test
    void serverWithoutRangesStartsAnew() throws IOException {
        server.fail(
                WEIGHTS,
                FakeHub.cut(CONTENT, 100_000),
                exchange -> {
                    exchange.sendResponseHeaders(200, CONTENT.length);
                    exchange.getResponseBody().write(CONTENT);
                });
        assertArrayEquals(CONTENT, Files.readAllBytes(fetch(WEIGHTS)));
        assertEquals(List.of(0L, 0L), begins);
    }

    @Test
    void otherPartIsRefused() {
        server.fail(
                WEIGHTS,
                FakeHub.cut(CONTENT, 100_000),
                exchange -> {
                    exchange.getResponseHeaders()
                            .set("Content-Range", "bytes 5-299999/" + CONTENT.length);
                    exchange.sendResponseHeaders(206, 10);
                    exchange.getResponseBody().write(new byte[10]);
                });
        assertTrue(error(WEIGHTS).contains("got one that begins at 5"));
    }

    @Test
    void wrongChecksumIsAnErrorAndLeavesNothing() throws IOException {
        byte[] other = content(CONTENT.length);
        other[7]++;
        server.fail(
                WEIGHTS,
                exchange -> {
                    exchange.sendResponseHeaders(200, other.length);
                    exchange.getResponseBody().write(other);
                });
        String message = error(WEIGHTS);
        assertTrue(message.contains(FakeHub.sha256(CONTENT)), message);
        assertTrue(message.contains(FakeHub.sha256(other)), message);
        assertFalse(message.contains("Signature"), message);
        assertEquals(List.of(), leftIn(hub().open(repository("hf:org/model")).folder()));
    }

    @Test
    void wrongSmallFileIsFoundByItsGitChecksum() {
        server.fail(
                "config.json",
                exchange -> {
                    exchange.sendResponseHeaders(200, 2);
                    exchange.getResponseBody().write("[]".getBytes(UTF_8));
                });
        assertTrue(error("config.json").contains("git SHA-1"));
    }

    @ParameterizedTest
    @CsvSource({
        "401, '', set HF_TOKEN if it is private",
        "403, GatedRepo, accept its terms",
        "404, EntryNotFound, 'no such repository, revision or file'",
        "418, '', status 418"
    })
    void refusalsAreNotRepeated(int status, String code, String says) {
        server.fail("config.json", FakeHub.status(status, "X-Error-Code", code));
        assertTrue(error("config.json").contains(says));
        assertEquals(1, server.requests("config.json").size());
    }

    @Test
    void unknownRepositoryAndFileAreNamed() {
        HubException none =
                assertThrows(HubException.class, () -> hub().open(repository("hf:org/none")));
        assertTrue(none.getMessage().contains("/api/models/org/none/revision/main"));
        assertEquals(
                "hf:org/model: must have the file model.bin, found none at commit "
                        + FakeHub.COMMIT,
                error("model.bin"));
    }

    @Test
    void busyServerIsAskedAgain() {
        server.fail("config.json", FakeHub.status(429, "Retry-After", "0"), FakeHub.status(500));
        fetch("config.json");
        assertTrue(notes.get(0).contains("status 429; trying again in 0 ms"), notes.get(0));
        assertEquals(3, server.requests("config.json").size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"3600", "Wed, 21 Oct 2065 07:28:00 GMT"})
    void longWaitIsLeftToTheUser(String after) {
        server.fail("config.json", FakeHub.status(429, "Retry-After", after));
        assertTrue(error("config.json").contains("asks to wait"));
        assertEquals(1, server.requests("config.json").size());
    }

    @Test
    void attemptsAreLimited() {
        FakeHub.Fault busy = FakeHub.status(503);
        server.fail("config.json", busy, busy, busy, busy, busy, busy);
        assertTrue(error("config.json").contains("after 5 attempts"));
        assertEquals(5, server.requests("config.json").size());
    }

    /** A byte now and then would keep a connection forever. */
    @Test
    void stalledTransferIsTriedAgain() throws IOException {
        server.fail(WEIGHTS, FakeHub.trickle(CONTENT, Duration.ofMillis(30)));
        Hub hub = hub(server.settings(cache).withTimeout(Duration.ofMillis(400)));
        assertArrayEquals(CONTENT, Files.readAllBytes(fetch(hub, WEIGHTS)));
        assertTrue(
                notes.stream().anyMatch(n -> n.contains("fewer than 1024 bytes")),
                notes.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../evil.json",
                "/etc/passwd",
                "a/../../b.json",
                "..\\\\evil.json",
                "C:evil.json",
                "nul.json",
                ".residuum.lock",
                "a//b.json",
                "line\\nbreak.json"
            })
    void hostileNamesAreNoFiles(String name) {
        server.list(
                "org/model",
                "{\"sha\": \"%s\", \"siblings\": [{\"rfilename\": \"%s\"}, {\"rfilename\": \"a.json\"}]}"
                        .formatted(FakeHub.COMMIT, name));
        HubSnapshot snapshot = hub().open(repository("hf:org/model"));
        assertEquals(Set.of("a.json"), snapshot.files());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "../../../etc | 1 | \"sha\" must be a commit",
                "0123456789abcdef0123456789abcdef01234567 | -1 | \"size\" must be a number",
                "0123456789abcdef0123456789abcdef01234567 | 1e99 | \"size\" must be a number",
                "0123456789abcdef0123456789abcdef01234567 | 900000000000000000 | needs"
                        + " 900,000,000,000,000,000 bytes",
                "0123456789abcdef0123456789abcdef01234567 | 3 | 'must have 3 bytes, got 2'"
            })
    void hostileListsAreRefused(String commit, String size, String says) {
        server.list(
                "org/model",
                "{\"sha\": \"%s\", \"siblings\": [{\"rfilename\": \"config.json\", \"size\": %s}]}"
                        .formatted(commit, size));
        String message = error("config.json");
        assertTrue(message.contains(says), message);
        assertEquals(0, server.stored("config.json").size());
    }

    @Test
    void listHasALimit() {
        server.list("org/model", "\"" + "x".repeat(Listing.MAX_BYTES) + "\"");
        assertTrue(error("config.json").contains("at most 16 MiB"));
    }

    @Test
    void sizeOfTheAnswerIsCheckedBeforeTheDisk() {
        server.fail(
                "a.bin",
                exchange -> {
                    exchange.sendResponseHeaders(200, 900_000_000_000_000_000L);
                    exchange.getResponseBody().flush();
                });
        server.put("web", "a.bin", CONTENT);
        HubException e = assertThrows(HubException.class, () -> hub().fetch(web("web/a.bin")));
        assertTrue(e.getMessage().contains("needs 900,000,000,000,000,000 bytes"), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "ftp://127.0.0.1/x", "", "http://"})
    void redirectsLeadToWebServersOnly(String location) {
        server.fail("config.json", FakeHub.status(302, "Location", location));
        String message = error("config.json");
        assertTrue(message.contains("redirect"), message);
    }

    @Test
    void redirectsAreCounted() {
        FakeHub.Fault again = FakeHub.status(307, "Location", "config.json");
        server.fail(
                "config.json",
                again,
                again,
                again,
                again,
                again,
                again,
                again,
                again,
                again,
                again,
                again);
        assertTrue(error("config.json").contains("at most 10 redirects"));
    }

    @Test
    void movedRepositoryIsFollowed() throws IOException {
        server.fail("main", FakeHub.status(307, "Location", "/api/models/org/model/revision/main"));
        server.fail(
                "config.json",
                FakeHub.status(
                        307, "Location", "/org/model/resolve/" + FakeHub.COMMIT + "/config.json"));
        HubSnapshot old = hub().open(repository("hf:old"));
        assertEquals("{}", Files.readString(old.fetch(List.of("config.json")).get(0)));
    }

    @Test
    void threadsShareOneDownload() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<Path>> fetched = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            fetched.add(threads.submit(() -> fetch(WEIGHTS)));
        }
        for (Future<Path> file : fetched) {
            assertArrayEquals(CONTENT, Files.readAllBytes(file.get()));
        }
        threads.shutdown();
        assertEquals(1, server.stored(WEIGHTS).size());
    }

    @Test
    void anotherWriterIsWaitedFor() throws Exception {
        Path folder = hub().open(repository("hf:org/model")).folder();
        Files.createDirectories(folder);
        CompletableFuture<Path> file;
        try (FolderLock lock = FolderLock.acquire(folder, notes::add)) {
            file = CompletableFuture.supplyAsync(() -> fetch(WEIGHTS));
            while (notes.isEmpty()) {
                Thread.sleep(5);
            }
            assertTrue(notes.get(0).contains("waiting for this process"), lock + notes.get(0));
            assertEquals(0, server.stored(WEIGHTS).size());
        }
        assertArrayEquals(CONTENT, Files.readAllBytes(file.get()));
    }

    /** Started by the test below. */
    static final class OtherProcess {
        private OtherProcess() {}

        public static void main(String[] args) {
            fetch(
                    new Hub(
                            HubSettings.standard()
                                    .withEndpoint(URI.create(args[0]))
                                    .withCache(Path.of(args[1])),
                            TransferListener.NONE),
                    WEIGHTS);
        }
    }

    @Test
    void processesShareOneDownload() throws Exception {
        List<Process> both = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            both.add(
                    Programs.of(OtherProcess.class, server.endpoint().toString(), cache.toString())
                            .inheritIO()
                            .start());
        }
        for (Process one : both) {
            assertEquals(0, one.waitFor());
        }
        assertArrayEquals(CONTENT, Files.readAllBytes(fetch(WEIGHTS)));
        assertEquals(1, server.stored(WEIGHTS).size());
    }

    @Test
    void offlineUsesTheCacheAlone() {
        fetch(WEIGHTS);
        int before = server.count();
        Hub offline = hub(server.settings(cache).withOffline(true));
        fetch(offline, WEIGHTS);
        HubException file = assertThrows(HubException.class, () -> fetch(offline, "config.json"));
        assertTrue(file.getMessage().contains("to be used offline"), file.getMessage());
        HubException none =
                assertThrows(HubException.class, () -> offline.open(repository("hf:org/other")));
        assertTrue(none.getMessage().startsWith("hf:org/other: must be in the cache"));
        assertEquals(before, server.count());
    }

    @Test
    void unreachableHubLeavesTheCache() {
        fetch(WEIGHTS);
        server.close();
        fetch(WEIGHTS);
        assertTrue(
                notes.get(notes.size() - 1).contains("using commit " + FakeHub.COMMIT),
                notes.toString());
    }

    @Test
    void webFileHasTheChecksumOfItsAddress() throws IOException {
        server.put("web", "a.pth", CONTENT);
        String sha256 = FakeHub.sha256(CONTENT);
        assertArrayEquals(
                CONTENT, Files.readAllBytes(hub().fetch(web("web/a.pth#sha256=" + sha256))));
        hub().fetch(web("web/a.pth#sha256=" + sha256));
        assertEquals(1, server.requests("a.pth").size());
        HubException e =
                assertThrows(
                        HubException.class, () -> hub().fetch(web("web/a.pth#sha256=00000000")));
        assertTrue(e.getMessage().contains("checksum SHA-256 00000000"), e.getMessage());
    }

    @Test
    void namesOfPyTorchHoldAChecksum() {
        server.put("web", "net-0a0b0c0d.pth", CONTENT);
        assertThrows(HubException.class, () -> hub().fetch(web("web/net-0a0b0c0d.pth")));
        server.put("web", "net-20200101.pth", CONTENT);
        hub().fetch(web("web/net-20200101.pth"));
    }

    @Test
    void webFileWithoutAVersionStartsAnew() throws IOException {
        server.put("web", "a.pt", CONTENT).fail("a.pt", FakeHub.cut(CONTENT, 1000));
        assertArrayEquals(CONTENT, Files.readAllBytes(hub().fetch(web("web/a.pt"))));
        assertTrue(server.requests("a.pt").get(1).header("Range").isEmpty());
    }

    @Test
    void compressedAnswerIsRefused() {
        server.put("web", "a.pt", CONTENT)
                .fail("a.pt", FakeHub.status(200, "Content-Encoding", "gzip"));
        HubException e = assertThrows(HubException.class, () -> hub().fetch(web("web/a.pt")));
        assertTrue(e.getMessage().contains("got the encoding gzip"), e.getMessage());
    }

    @Test
    void proxyOfTheEnvironmentIsUsed() throws IOException {
        String proxy = "http://user:secret@" + server.endpoint().getAuthority();
        HttpFetcher fetcher =
                new HttpFetcher(
                        server.settings(cache), name -> name.equals("http_proxy") ? proxy : null);
        server.put("far", "a.txt", "far away");
        java.net.URI uri = URI.create("http://hub.invalid/far/a.txt");
        try (Answer answer = fetcher.get(uri, Map.of())) {
            assertEquals("far away", new String(answer.body().readAllBytes(), UTF_8));
        }
        FakeHub.Request request = server.requests("a.txt").get(0);
        assertEquals("hub.invalid", request.header("Host").orElseThrow());
        assertEquals("Basic dXNlcjpzZWNyZXQ=", request.header("Proxy-Authorization").orElseThrow());
    }

    @ParameterizedTest
    @CsvSource({
        "hub.example.org, '', true",
        "hub.example.org, example.org, false",
        "hub.example.org, .example.org, false",
        "hub.example.org, '*.example.org:443, x', false",
        "hub.example.org, '*', false",
        "hub.example.org, ample.org, true",
        "hub.example.org, other.org, true"
    })
    void noProxyNamesHostsAndDomains(String host, String none, boolean proxied) {
        Proxies proxies =
                new Proxies(
                        name ->
                                switch (name) {
                                    case "HTTPS_PROXY" -> "http://user:secret@proxy.example:3128";
                                    case "NO_PROXY" -> none;
                                    default -> null;
                                });
        java.net.Proxy found = proxies.select(URI.create("https://" + host + "/x")).get(0);
        assertEquals(proxied, found.type() == Proxy.Type.HTTP, found.toString());
        assertFalse(found.toString().contains("secret"));
    }

    @Test
    void passwordOfTheEnvironmentIsNotForTheProxyOfJava() {
        URI uri = URI.create("https://hub.example.org/x");
        Proxies proxies = new Proxies(name -> "http://user:secret@proxy.example:3128");
        ProxySelector before = ProxySelector.getDefault();
        try {
            ProxySelector.setDefault(
                    ProxySelector.of(InetSocketAddress.createUnresolved("java.example", 8080)));
            assertTrue(proxies.select(uri).get(0).toString().contains("java.example"));
            assertEquals(Optional.empty(), proxies.authorization(uri));
        } finally {
            ProxySelector.setDefault(before);
        }
    }

    @Test
    void proxyOfAnotherSchemeIsAnErrorWithoutItsPassword() {
        Proxies proxies =
                new Proxies(n -> n.equals("https_proxy") ? "socks5://u:secret@proxy:1" : null);
        HubException e =
                assertThrows(HubException.class, () -> proxies.select(URI.create("https://a.b/")));
        assertFalse(e.getMessage().contains("secret"), e.getMessage());
    }
}
