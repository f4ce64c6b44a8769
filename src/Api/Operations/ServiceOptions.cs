using MnistLstm.Shared.Imaging;

namespace MnistLstm.Api.Operations;

/// <summary>Everything about the service that an operator may set.</summary>
public sealed record ServiceOptions
{
    /// <summary>Settings of ASP.NET Core itself that are let through.</summary>
    private static readonly string[] ServerOptions = ["urls", "http_ports", "https_ports", "environment"];

    public required string ModelFolder { get; init; }

    public required string DefaultModel { get; init; }

    /// <summary>Whether new and changed files of the model folder are taken up while the service runs.</summary>
    public required bool ModelReload { get; init; }

    /// <summary>Between two looks at the model folder.</summary>
    public required TimeSpan ModelReloadInterval { get; init; }

    /// <summary>Batches of one model that are computed at the same time, one core each.</summary>
    public required int Workers { get; init; }

    /// <summary>N at most, in images, that a worker takes at once.</summary>
    public required int MaxBatch { get; init; }

    /// <summary>Images of one model that may wait; more are refused.</summary>
    public required int QueueLength { get; init; }

    /// <summary>One picture.</summary>
    public required int MaxUploadBytes { get; init; }

    /// <summary>The whole body of a batch, or of a request for inference.</summary>
    public required int MaxBatchUploadBytes { get; init; }

    /// <summary>Pictures in a batch.</summary>
    public required int MaxFiles { get; init; }

    /// <summary>Images in one request of the Open Inference Protocol.</summary>
    public required int MaxInferImages { get; init; }

    /// <summary>What is still decoded.</summary>
    public required ImageLimits ImageLimits { get; init; }

    /// <summary>From the first byte of the body to the start of the computation.</summary>
    public required TimeSpan RequestTimeout { get; init; }

    /// <summary>From SIGTERM, with which readiness goes off, until the server takes no new connections.</summary>
    public required TimeSpan ShutdownGrace { get; init; }

    /// <summary>After the grace period, for requests that are under way.</summary>
    public required TimeSpan ShutdownTimeout { get; init; }

    public static ServiceOptions Read(SettingReader settings)
    {
        const string Folder = "a folder";
        const int MiB = 1024 * 1024;

        return new ServiceOptions
        {
            ModelFolder = settings.Text(
                "model-folder", Models.ModelFolder.Default, "models, beside the program or above it", Folder,
                "where the *.onnx files are"),
            DefaultModel = settings.Text(
                "default-model", "digits", "digits, or the only one there is", "the name of a model",
                "the model that answers where a request names none"),
            ModelReload = settings.Switch(
                "model-reload", fallback: true, "whether new and changed files of the model folder are taken up while the service runs"),
            ModelReloadInterval = settings.Duration(
                "model-reload-interval", TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1),
                "time between two looks at the model folder; a file that looks the same twice is taken up"),
            Workers = settings.Number(
                "workers", Environment.ProcessorCount, 1, 256, "batches of one model computed at the same time, one core each",
                "the cores that the process may use"),
            MaxBatch = settings.Number("max-batch", 32, 1, 1024, "images that a worker takes from the queue at once"),
            QueueLength = settings.Number(
                "queue-length", 1024, 1, 1_000_000, "images of one model that may wait; more are refused with 503"),
            MaxUploadBytes = settings.Number("max-upload-bytes", 20 * MiB, 1024, 1024 * MiB, "size of one picture's file"),
            MaxBatchUploadBytes = settings.Number(
                "max-batch-upload-bytes", 64 * MiB, 1024, 1024 * MiB, "size of the body of /predict/batch and of the Open Inference Protocol"),
            MaxFiles = settings.Number("max-files", 128, 1, 10_000, "pictures in one call of /predict/batch"),
            MaxInferImages = settings.Number(
                "max-infer-images", 1024, 1, 16_384, "images in one request of the Open Inference Protocol"),
            ImageLimits = new ImageLimits(
                settings.Number("max-pixels", (int)ImageLimits.Default.MaxPixels, 784, 1_000_000_000, "width times height of a picture"),
                settings.Number("max-side", ImageLimits.Default.MaxSide, 28, 65_535, "width or height of a picture in pixels")),
            RequestTimeout = settings.Duration(
                "request-timeout", TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1),
                "time from the start of a request until its picture is computed; after that it is dropped"),
            ShutdownGrace = settings.Duration(
                "shutdown-grace", TimeSpan.FromSeconds(5), TimeSpan.Zero, TimeSpan.FromMinutes(10),
                "time after SIGTERM in which the service is not ready but answers as before, so that load balancers notice"),
            ShutdownTimeout = settings.Duration(
                "shutdown-timeout", TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1),
                "time after the grace period in which requests that are under way may still be answered"),
        };
    }

    /// <summary>The command line has only options that exist, each with a value.</summary>
    /// <exception cref="InvalidSettingException">It has others.</exception>
    public static void CheckCommandLine(IReadOnlyList<string> args, IReadOnlyList<Setting> settings)
    {
        for (int i = 0; i < args.Count; i++)
        {
            string[] option = args[i].Split('=', 2);
            if (!option[0].StartsWith("--", StringComparison.Ordinal))
            {
                throw new InvalidSettingException($"Unexpected '{args[i]}' on the command line: options look like --workers 2.");
            }

            string name = option[0][2..];
            bool known = name.Contains(':') || ServerOptions.Contains(name, StringComparer.OrdinalIgnoreCase)
                || settings.Any(setting => setting.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (!known)
            {
                string names = string.Join(", ", settings.Select(setting => setting.Option));
                throw new InvalidSettingException($"Unknown option '{option[0]}'. There are {names} and --urls.");
            }

            if (option.Length == 1 && ++i == args.Count)
            {
                throw new InvalidSettingException($"The option '{option[0]}' needs a value.");
            }
        }
    }
}
