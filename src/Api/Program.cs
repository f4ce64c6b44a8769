using MnistLstm.Api.Access;
using MnistLstm.Api.Corrections;
using MnistLstm.Api.Health;
using MnistLstm.Api.Hosting;
using MnistLstm.Api.Models;
using MnistLstm.Api.OpenApi;
using MnistLstm.Api.OpenInference;
using MnistLstm.Api.Predictions;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Telemetry;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api;

public static class Program
{
    /// <summary>Bytes that malloc keeps. The JIT compiler briefly needs blocks of this size.</summary>
    private const int KeptBytes = 64 * 1024;

    public static async Task<int> Main(string[] args)
    {
        if (args.Intersect(Help.Switches).Any())
        {
            await Console.Out.WriteAsync(Help.Text());
            return ExitCodes.Success;
        }

        if (args.Contains(Help.VersionSwitch))
        {
            await Console.Out.WriteLineAsync(Help.Version);
            return ExitCodes.Success;
        }

        if (args.Contains(KeyHashCommand.Switch))
        {
            return KeyHashCommand.Run(Console.In, Console.Out, Console.Error);
        }

        try
        {
            return args.Contains(HealthCheck.Switch) ? await HealthCheck.RunAsync(args) : await ServeAsync(args);
        }
        catch (Exception e) when (e is InvalidSettingException or InvalidModelException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCodes.BadInput;
        }
    }

    /// <summary>Builds the service, ready to listen, with its models loaded and warmed up.</summary>
    /// <exception cref="InvalidSettingException">An option, an environment variable or its value is not
    /// known.</exception>
    /// <exception cref="InvalidModelException">There is no model, or one is broken.</exception>
    public static WebApplication Build(string[] args)
    {
        ServiceOptions.CheckCommandLine(args);
        var settings = SettingReader.ForProcess(args);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = args,
            ContentRootPath = AppContext.BaseDirectory,
        });
        ServiceOptions options = builder.AddOptions(settings);
        builder.AddServer(options);
        builder.AddGrpc(options);
        builder.AddModels(options);
        builder.AddTelemetry(options);
        builder.AddApiDescription();
        builder.Services.ConfigureSwaggerGen(static swagger =>
        {
            swagger.OperationFilter<ProblemDescription>();
            swagger.DocumentFilter<WebServerAnswers>();
        });
        builder.AddPredictions();
        builder.AddCorrections(options);
        builder.AddOpenInference(options);
        builder.AddHealth(options);
        builder.AddAccess(options);

        IHostApplicationLifetime? lifetime = null;
        builder.Logging.SuppressFailedStartLog(() => lifetime);
        WebApplication app = builder.Build();
        lifetime = app.Lifetime;
        app.UseProblems();
        app.UseRequestIds();
        app.UseDraining();
        app.UseForwardedHeadersAndCors();
        app.UseHead();
        app.UsePage();
        app.UseAccess();
        app.UseConcurrencyLimit();
        app.UseGrpcLimits();
        app.MapApiDescription();
        app.MapProblemPages();
        app.MapHealth();
        app.WarmUpPictures();
        app.AwaitModels();
        app.MapModels();
        app.MapPredictions();
        app.MapCorrections();
        app.MapOpenInference();
        app.MapMetrics();
        app.WarmUpModels();
        return app;
    }

    private static async Task<int> ServeAsync(string[] args)
    {
        // ImageSharp, ONNX Runtime, the runtime's compiler and large buffers take their memory from malloc. By default
        // malloc learns from the first huge picture to keep blocks of that size: 65 MB more stay resident.
        Libc.BoundHeap(KeptBytes, KeptBytes);
        try
        {
            await using WebApplication app = Build(args);
            await app.ListenAsync();
            app.ReportStart();
            await app.WaitForShutdownAsync();
        }
        catch (OperationCanceledException)
        {
            // The host was stopped during startup.
        }

        return ExitCodes.Success;
    }
}
