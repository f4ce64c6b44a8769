using System.Diagnostics.Metrics;
using MnistLstm.Api.Telemetry;

namespace MnistLstm.Api.Models;

/// <summary>Observable metrics of the models and their queues.</summary>
internal sealed class ModelGauges : IDisposable
{
    private readonly Meter _meter = new(ServiceMetrics.MeterName);

    public ModelGauges(ModelCatalog models)
    {
        _meter.CreateObservableUpDownCounter(
            "mnist_lstm.queue.length", () => models.All.Select(model => Measure(model, model.Queue.WaitingImages)),
            "{image}", "Images of requests that wait for a worker.");
        _meter.CreateObservableUpDownCounter(
            "mnist_lstm.queue.running", () => models.All.Select(model => Measure(model, model.Queue.RunningImages)),
            "{image}", "Images of requests that a worker is computing.");
        _meter.CreateObservableGauge(
            "mnist_lstm.model.info", () =>
                models.All.Select(model => Describe(model, isDefault: model == models.Default)),
            "{model}", "1 for each loaded model, with its labels.");
    }

    public void Dispose() => _meter.Dispose();

    private static Measurement<long> Measure(ServedModel model, int images) =>
        new(images, new KeyValuePair<string, object?>("model", model.Name));

    private static Measurement<long> Describe(ServedModel model, bool isDefault) => new(
        1,
        new KeyValuePair<string, object?>("model", model.Name),
        new KeyValuePair<string, object?>("version", model.Card.Version),
        new KeyValuePair<string, object?>("preset", model.Card.Preset),
        new KeyValuePair<string, object?>("default", isDefault ? "true" : "false"));
}
