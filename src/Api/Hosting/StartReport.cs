using MnistLstm.Api.Access;
using MnistLstm.Api.Models;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Telemetry;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.Hosting;

/// <summary>Logs what the service serves, to whom and where, once it listens.</summary>
internal static class StartReport
{
    private const string Category = "MnistLstm.Api";

    public static void ReportStart(this WebApplication app)
    {
        ILogger logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(Category);
        Log.Started(logger, Help.Version.Split('+')[0]);
        ModelCatalog models = app.Services.GetRequiredService<ModelCatalog>();
        foreach (ServedModel model in models.All)
        {
            SplitResult test = model.Card.Test;
            Log.ModelServes(
                logger,
                model.Name,
                model.Card.Version,
                model == models.Default ? " (default)" : "",
                test.Accuracy,
                test.Images);
        }

        foreach (UnknownSetting unknown in app.Services.GetRequiredService<IReadOnlyList<UnknownSetting>>())
        {
            Log.UnknownSetting(logger, unknown.Name, unknown.Advice);
        }

        ServiceOptions options = app.Services.GetRequiredService<ServiceOptions>();
        if (options.NeedsKeys)
        {
            Log.KeysNeeded(logger, app.Services.GetRequiredService<ApiKeys>().Count);
        }
        else
        {
            Log.KeysOff(logger);
        }

        LogAddresses(logger, app.Urls, options.GrpcPort);
    }

    private static void LogAddresses(ILogger logger, IEnumerable<string> addresses, int? grpcPort)
    {
        ServerAddress[] parsed = [.. addresses.Select(ServerAddress.Parse)];
        foreach (ServerAddress address in parsed)
        {
            Log.Listening(logger, $"{address}", IsGrpc(address) ? " (gRPC)" : "");
        }

        if (parsed.FirstOrDefault(address => address.UnixSocket is null && !IsGrpc(address)) is { } first)
        {
            Log.Page(logger, first.Page, new Uri(first.Page, "swagger"));
        }

        bool IsGrpc(ServerAddress address) => address.UnixSocket is null && address.Local.Port == grpcPort;
    }
}
