using MnistLstm.Api.Settings;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace MnistLstm.Api.Telemetry;

/// <summary>
/// Metrics for Prometheus, and metrics and traces by OTLP where OpenTelemetry's own variables say where to.
/// </summary>
public static class TelemetryApi
{
    public const string MetricsPath = "/metrics";

    /// <summary>The service's name in dashboards, unless <c>OTEL_SERVICE_NAME</c> sets another.</summary>
    private const string ServiceName = "mnist-lstm";

    private static readonly string[] Meters =
        [ServiceMetrics.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel",
            "Microsoft.AspNetCore.RateLimiting", "System.Runtime"];

    /// <summary>
    /// Combinations of labels that one metric can have: routes and status codes are the most, some two hundred. Memory
    /// is reserved for all of them, 9 MB at OpenTelemetry's own 2,000.
    /// </summary>
    private const int MostSeries = 250;

    /// <summary>Any of them switches OTLP on; what they and others mean is OpenTelemetry's own matter.</summary>
    private static readonly string[] EndpointVariables =
        ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

    /// <summary>Begins to set up what is asked for; the rest of the service is put together in the meantime.</summary>
    public static void AddTelemetry(this WebApplicationBuilder builder, ServiceOptions options)
    {
        bool push = EndpointVariables.Any(name => !string.IsNullOrEmpty(builder.Configuration[name]));
        string name = builder.Configuration["OTEL_SERVICE_NAME"] ?? ServiceName;
        if (options.Metrics || push)
        {
            Task<MeterProvider> setUp = Task.Run(() => CreateMetrics(name, options.Metrics, push));
            builder.Services.AddSingleton(_ => setUp.GetAwaiter().GetResult());
        }

        if (push)
        {
            builder.Services.AddSingleton(_ => Sdk.CreateTracerProviderBuilder()
                .ConfigureResource(resource => resource.AddService(name, serviceVersion: Help.Version))
                .AddAspNetCoreInstrumentation()
                .AddOtlpExporter()
                .Build());
        }
    }

    public static void MapMetrics(this WebApplication app)
    {
        app.Services.GetService<TracerProvider>();
        if (app.Services.GetService<MeterProvider>() is { } metrics
            && app.Services.GetRequiredService<ServiceOptions>().Metrics)
        {
            app.MapPrometheusScrapingEndpoint(MetricsPath, metrics, configureBranchedPipeline: null, optionsName: null);
        }
    }

    private static MeterProvider CreateMetrics(string name, bool serve, bool push)
    {
        MeterProviderBuilder metrics = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => resource.AddService(name, serviceVersion: Help.Version))
            .AddMeter(Meters)
            .AddView(static _ => new MetricStreamConfiguration { CardinalityLimit = MostSeries });
        if (serve)
        {
            metrics.AddPrometheusExporter(prometheus => prometheus.ScrapeResponseCacheDurationMilliseconds = 0);
        }

        if (push)
        {
            metrics.AddOtlpExporter();
        }

        return metrics.Build();
    }
}
