using MnistLstm.Api.Access;
using MnistLstm.Api.Models;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Telemetry;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.Hosting;

/// <summary>Logs what the service serves, to whom and where, once it listens.</summary>
internal static partial class StartReport
{
    private const string Category = "MnistLstm.Api";

    public static void ReportStart(this WebApplication app)
    {
        ILogger logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(Category);
        LogVersion(logger, Help.Version.Split('+')[0]);
        ModelCatalog models = app.Services.GetRequiredService<ModelCatalog>();
        foreach (ServedModel model in models.All)
        {
            SplitResult test = model.Card.Test;
            LogModel(
                logger,
                model.Name,
                model.Card.Version,
                model == models.Default ? " (default)" : "",
                test.Accuracy,
                test.Images);
        }

        foreach (UnknownSetting unknown in app.Services.GetRequiredService<IReadOnlyList<UnknownSetting>>())
        {
            LogUnknown(logger, unknown.Name, unknown.Advice);
        }

        ServiceOptions options = app.Services.GetRequiredService<ServiceOptions>();
        if (options.NeedsKeys)
        {
            LogKeys(logger, app.Services.GetRequiredService<ApiKeys>().Count);
        }
        else
        {
            LogNoKeys(logger);
        }

        LogAddresses(logger, app.Urls);
    }

    private static void LogAddresses(ILogger logger, IEnumerable<string> addresses)
    {
        ServerAddress[] parsed = [.. addresses.Select(ServerAddress.Parse)];
        foreach (ServerAddress address in parsed)
        {
            LogListening(logger, address);
        }

        if (parsed.FirstOrDefault(address => address.UnixSocket is null) is { } first)
        {
            LogPage(logger, first.Page, new Uri(first.Page, "swagger"));
        }
    }

    [LoggerMessage(LogEvents.Started, LogLevel.Information, "MNIST LSTM {Version} is ready")]
    private static partial void LogVersion(ILogger logger, string version);

    [LoggerMessage(LogEvents.ModelServes, LogLevel.Information,
        "Model {Name} {Version}{Role}: {Accuracy:P2} of {Images:N0} MNIST test images read correctly")]
    private static partial void LogModel(
        ILogger logger, string name, string version, string role, double accuracy, int images);

    [LoggerMessage(LogEvents.UnknownSetting, LogLevel.Warning, "{Name} is not a setting and is ignored. {Advice}")]
    private static partial void LogUnknown(ILogger logger, string name, string advice);

    [LoggerMessage(LogEvents.KeysNeeded, LogLevel.Information, "API keys: {Count}, and every request needs one")]
    private static partial void LogKeys(ILogger logger, int count);

    [LoggerMessage(LogEvents.KeysOff, LogLevel.Information, "API keys: off, so anyone who reaches this address can "
        + "use the service")]
    private static partial void LogNoKeys(ILogger logger);

    [LoggerMessage(LogEvents.Listening, LogLevel.Information, "Now listening on: {Address}")]
    private static partial void LogListening(ILogger logger, ServerAddress address);

    [LoggerMessage(LogEvents.Page, LogLevel.Information, "Draw a digit at {Page}, or try the API at {Swagger}")]
    private static partial void LogPage(ILogger logger, Uri page, Uri swagger);
}
