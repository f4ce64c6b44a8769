using MnistLstm.Api.Settings;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace MnistLstm.Api.Telemetry;

/// <summary>
/// Metrics for Prometheus, and metrics and traces over OTLP if OpenTelemetry's variables set an endpoint.
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
    /// Maximum label combinations of one metric. Routes with status codes need the most, about 200. OpenTelemetry
    /// reserves memory for all of them: 9 MB for its default of 2,000.
    /// </summary>
    private const int MaxSeries = 250;

    /// <summary>Any of these variables switches OTLP on. OpenTelemetry itself interprets them.</summary>
    private static readonly string[] EndpointVariables =
        ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

    /// <summary>Starts setting up the exporters while the rest of the service is built.</summary>
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
            .AddView(static _ => new MetricStreamConfiguration { CardinalityLimit = MaxSeries });
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
