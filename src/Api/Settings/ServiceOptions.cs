using System.Net;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.Settings;

/// <summary>All settings of the service.</summary>
public sealed record ServiceOptions
{
    /// <summary>About 35 ms of work, which bounds latency under overload.</summary>
    private const int QueueLengthPerWorker = 512;

    public required string ModelFolder { get; init; }

    /// <summary>Port of the Open Inference Protocol over gRPC; null if it is off.</summary>
    public required int? GrpcPort { get; init; }

    public required string DefaultModel { get; init; }

    /// <summary>Whether to load new and changed files of the model folder while the service runs.</summary>
    public required bool ModelReload { get; init; }

    /// <summary>Polling interval of the model folder and the key file.</summary>
    public required TimeSpan ReloadInterval { get; init; }

    /// <summary>Concurrent batches of one model, one core each.</summary>
    public required int Workers { get; init; }

    /// <summary>Maximum batch size N, in images.</summary>
    public required int MaxBatch { get; init; }

    /// <summary>Maximum waiting images of one model; more are rejected.</summary>
    public required int QueueLength { get; init; }

    /// <summary>Maximum size of one picture.</summary>
    public required int MaxUploadBytes { get; init; }

    /// <summary>Maximum size of the body of a batch or an inference request.</summary>
    public required int MaxBatchUploadBytes { get; init; }

    /// <summary>Maximum total size of all bodies in memory.</summary>
    public required int MaxTotalUploadBytes { get; init; }

    /// <summary>Maximum pictures in a batch.</summary>
    public required int MaxFiles { get; init; }

    /// <summary>Maximum digits in one picture of <c>/predict/digits</c>.</summary>
    public required int MaxDigits { get; init; }

    /// <summary>Maximum images in one request of the Open Inference Protocol.</summary>
    public required int MaxInferImages { get; init; }

    /// <summary>Limits on the pictures that are decoded.</summary>
    public required ImageLimits ImageLimits { get; init; }

    /// <summary>Maximum total pixels of the pictures of one request.</summary>
    public required int MaxRequestPixels { get; init; }

    /// <summary>The time limit from the first byte of the body to the start of the computation.</summary>
    public required TimeSpan RequestTimeout { get; init; }

    /// <summary>The time between SIGTERM, which turns readiness off, and the last new connection.</summary>
    public required TimeSpan ShutdownGrace { get; init; }

    /// <summary>The time after the grace period for requests in progress.</summary>
    public required TimeSpan ShutdownTimeout { get; init; }

    /// <summary>Whether to serve metrics for Prometheus.</summary>
    public required bool Metrics { get; init; }

    /// <summary>Whether to log one JSON object per line.</summary>
    public required bool JsonLog { get; init; }

    /// <summary>Maximum concurrent requests; more are rejected.</summary>
    public required int MaxConcurrentRequests { get; init; }

    /// <summary>Maximum concurrent connections; more are closed at once.</summary>
    public required int MaxConnections { get; init; }

    /// <summary>The time limit for the request line and headers.</summary>
    public required TimeSpan HeadersTimeout { get; init; }

    /// <summary>The time limit for a connection without a request.</summary>
    public required TimeSpan KeepAliveTimeout { get; init; }

    public required int MaxHeaderBytes { get; init; }

    /// <summary>Minimum bytes per second of a body, after the first seconds; 0 for no minimum.</summary>
    public required int MinUploadRate { get; init; }

    /// <summary>Maximum requests per second of one client; 0 for no limit.</summary>
    public required int RateLimit { get; init; }

    /// <summary>Maximum burst of one client after a pause, in requests.</summary>
    public required int RateLimitBurst { get; init; }

    /// <summary>SHA-256 hash of each key.</summary>
    public required IReadOnlyList<byte[]> ApiKeys { get; init; }

    public required string? ApiKeyFile { get; init; }

    /// <summary>Whether clients must send a key.</summary>
    public bool NeedsKeys => ApiKeys.Count > 0 || ApiKeyFile is not null;

    public required bool MetricsNeedKey { get; init; }

    /// <summary>Origins whose pages may call the service.</summary>
    public required IReadOnlyList<string> CorsOrigins { get; init; }

    /// <summary>Proxies whose forwarded headers are trusted.</summary>
    public required IReadOnlyList<IPNetwork> TrustedProxies { get; init; }

    /// <summary>Folder of the corrections; null if they are off.</summary>
    public required string? CorrectionFolder { get; init; }

    public required int MaxCorrections { get; init; }

    /// <summary>Maximum total size of all corrections.</summary>
    public required int MaxCorrectionBytes { get; init; }

    /// <summary>All settings, those of the web server first.</summary>
    public static IReadOnlyList<Setting> Settings { get; } = ListSettings();

    /// <exception cref="InvalidSettingException">A setting has an invalid value.</exception>
    public static ServiceOptions Read(SettingReader settings)
    {
        const string Folder = "a folder";
        const int MiB = 1024 * 1024;

        int workers;
        int maxBatchUploadBytes;
        int rateLimit;
        return new ServiceOptions
        {
            ModelFolder = settings.Text(
                "model-folder", Api.Settings.ModelFolder.Default, "models, beside the program or above it", Folder,
                "folder with the *.onnx files"),
            GrpcPort = settings.Port(
                "grpc-port", "port of the Open Inference Protocol over gRPC, at the address of the first of --urls"),
            DefaultModel = settings.Text(
                "default-model", "digits", "digits, or the only one there is", "the name of a model",
                "model that answers when a request names none"),
            ModelReload = settings.Switch(
                "model-reload", fallback: true, "whether to load new and changed models at run time"),
            ReloadInterval = settings.Duration(
                "reload-interval", TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1),
                "polling interval of the model folder and the key file"),
            Workers = workers = settings.Number(
                "workers", Environment.ProcessorCount, 1, 256, "concurrent batches of one model, one core each",
                "the cores that the process may use"),
            MaxBatch = settings.Number("max-batch", 32, 1, 1024, "maximum images in a batch"),
            QueueLength = settings.Number(
                "queue-length", QueueLengthPerWorker * workers, 1, 1_000_000,
                "waiting images of one model, counted separately for requests above max-batch; more get 503",
                $"{QueueLengthPerWorker} for each worker"),
            RequestTimeout = settings.Duration(
                "request-timeout", TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1),
                "time limit of a request until its pictures are computed"),
            MaxConcurrentRequests = settings.Number(
                "max-concurrent-requests", 1024, 1, 1_000_000, "concurrent requests; more get 503"),
            MaxUploadBytes = settings.Number(
                "max-upload-bytes", 64 * MiB, 1024, 1024 * MiB, "size of one picture's file"),
            MaxBatchUploadBytes = maxBatchUploadBytes = settings.Number(
                "max-batch-upload-bytes", 64 * MiB, 1024, 1024 * MiB,
                "size of a body of /predict/batch or the Open Inference Protocol"),
            MaxTotalUploadBytes = settings.Number(
                "max-total-upload-bytes",
                DefaultTotalUploadBytes(maxBatchUploadBytes),
                MinTotalUploadBytes(maxBatchUploadBytes),
                int.MaxValue,
                "total size of all request bodies in memory; more get 503",
                "a quarter of the memory that the process may use, at most 1 GiB"),
            MaxFiles = settings.Number("max-files", 128, 1, 10_000, "pictures in one request of /predict/batch"),
            MaxDigits =
                settings.Number("max-digits", 100, 1, 1000, "digits in one picture of /predict/digits; more get 422"),
            MaxInferImages = settings.Number(
                "max-infer-images", 1024, 1, 16_384, "images in one request of the Open Inference Protocol"),
            ImageLimits = new ImageLimits(
                settings.Number("max-pixels", (int)ImageLimits.Default.MaxPixels, 784, ImageLimits.MostPixels,
                    "pixels of a picture; four times as many for a baseline JPEG"),
                settings.Number("max-side", ImageLimits.Default.MaxSide, 28, 65_535,
                    "width or height of a picture in pixels")),
            MaxRequestPixels = settings.Number(
                "max-request-pixels", 400_000_000, 784, int.MaxValue,
                "total pixels of a batch or an inference request"),
            MaxConnections = settings.Number(
                "max-connections", 10_000, 1, 1_000_000, "concurrent connections; more are closed at once"),
            HeadersTimeout = settings.Duration(
                "headers-timeout", TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(1), TimeSpan.FromHours(1),
                "time limit for the headers of a request to arrive"),
            KeepAliveTimeout = settings.Duration(
                "keep-alive-timeout", TimeSpan.FromSeconds(130), TimeSpan.FromSeconds(1), TimeSpan.FromHours(1),
                "time after which a connection without a request is closed, and a silent one of HTTP/2 pinged"),
            MaxHeaderBytes = settings.Number(
                "max-header-bytes", 32 * 1024, 1024, MiB, "total size of the headers of a request"),
            MinUploadRate = settings.Number(
                "min-upload-rate", 240, 0, 1_000_000_000,
                "minimum bytes a second of a body, in every 5 s; 0 switches this off"),
            ShutdownGrace = settings.Duration(
                "shutdown-grace", TimeSpan.FromSeconds(5), TimeSpan.Zero, TimeSpan.FromMinutes(10),
                "time after SIGTERM in which the service still answers but is not ready, so that load "
                    + "balancers notice"),
            ShutdownTimeout = settings.Duration(
                "shutdown-timeout", TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1),
                "time after the grace period to finish the requests in progress"),
            ApiKeys = settings.List(
                "api-keys", "SHA-256 hashes from --hash-key, with commas between",
                "keys, one of which clients must send as X-API-Key", KeyHash.Parse,
                isSecret: true),
            ApiKeyFile = settings.Text(
                "api-key-file", "", "none", "a file with a hash on each line",
                "more keys; changes take effect without a restart")
                is { Length: > 0 } file ? file : null,
            MetricsNeedKey = settings.Switch(
                "metrics-need-key", fallback: false, "whether /metrics needs a key as well"),
            RateLimit = rateLimit = settings.Number(
                "rate-limit", 0, 0, 1_000_000,
                "requests a second of one client, by key or address; 0 switches this off"),
            RateLimitBurst = settings.Number(
                "rate-limit-burst", rateLimit, 1, 1_000_000, "requests that a client may send at once after a pause",
                "the rate-limit"),
            CorsOrigins = settings.List(
                "cors-origins", "origins like https://example.org with commas between, or *",
                "sites whose pages may call the service", ParseOrigin),
            TrustedProxies = settings.List(
                "trusted-proxies", "addresses and networks like 10.0.0.0/8 with commas between",
                "proxies whose X-Forwarded-For, -Proto and -Prefix are trusted", ParseNetwork),
            CorrectionFolder = settings.Text(
                "corrections", "", "none", Folder,
                "folder for the pictures of POST /corrections, which is off without it")
                is { Length: > 0 } corrections ? corrections : null,
            MaxCorrections =
                settings.Number("max-corrections", 10_000, 1, 1_000_000, "pictures in that folder; more get 507"),
            MaxCorrectionBytes = settings.Number(
                "max-correction-bytes", 1024 * MiB, 1024, int.MaxValue, "total size of that folder; more get 507"),
            Metrics = settings.Switch("metrics", fallback: true, "whether /metrics is served for Prometheus"),
            JsonLog = settings.Choice(
                "log-format",
                ["text", "json"],
                "format of the log: text, or one JSON object a line") == "json",
        };
    }

    private static List<Setting> ListSettings()
    {
        var settings = new SettingReader(new ConfigurationManager());
        ServerAddress.Read(settings, out _);
        Read(settings);
        return [.. settings.Settings];
    }

    /// <summary>Three quarters of it must hold the largest body.</summary>
    private static int MinTotalUploadBytes(int maxBatchUploadBytes) =>
        (int)Math.Min(int.MaxValue, (maxBatchUploadBytes / 3L * 4) + 4);

    /// <summary>
    /// In a container, the memory that the process may use is three quarters of the container's limit.
    /// </summary>
    private static int DefaultTotalUploadBytes(int maxBatchUploadBytes)
    {
        const long Max = 1024 * 1024 * 1024;
        long quarter = Math.Min(Max, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);
        return (int)Math.Max(quarter, MinTotalUploadBytes(maxBatchUploadBytes));
    }

    private static string? ParseOrigin(string text) =>
        text == "*" || (Uri.TryCreate(text, UriKind.Absolute, out Uri? origin)
            && origin.Scheme.StartsWith("http", StringComparison.Ordinal)
            && origin.GetLeftPart(UriPartial.Authority) == text) ? text : null;

    private static IPNetwork? ParseNetwork(string text) =>
        IPNetwork.TryParse(text, out IPNetwork network) ? network
        : IPAddress.TryParse(text, out IPAddress? address)
            ? new IPNetwork(address, 8 * address.GetAddressBytes().Length)
        : null;

    /// <summary>Checks that the command line has only known options, each with a value.</summary>
    /// <exception cref="InvalidSettingException">The command line has something else.</exception>
    public static void CheckCommandLine(IReadOnlyList<string> args)
    {
        string[] options = [.. Settings.Select(setting => setting.Option), "--environment"];
        for (int i = 0; i < args.Count; i++)
        {
            string[] option = args[i].Split('=', 2);
            if (!option[0].StartsWith("--", StringComparison.Ordinal))
            {
                throw new InvalidSettingException(
                    $"Unexpected '{args[i]}' on the command line: options look like --workers 2. --help lists them.");
            }

            if (!option[0].Contains(':') && !options.Contains(option[0], StringComparer.OrdinalIgnoreCase))
            {
                string? nearest = NearestName.Find(option[0], options);
                throw new InvalidSettingException(
                    $"Unknown option '{option[0]}'. {(nearest is null ? "" : $"Did you mean {nearest}? ")}--help "
                        + "lists all options.");
            }

            if (option.Length == 1 && ++i == args.Count)
            {
                throw new InvalidSettingException($"The option '{option[0]}' needs a value.");
            }
        }
    }
}
