using System.Diagnostics;
using MnistLstm.Api.Telemetry;

namespace MnistLstm.Api.Predictions;

/// <summary>Tags of a prediction in a trace.</summary>
internal static class PredictionSpan
{
    /// <summary>Tags the request's span, if there is one, with the result and the timings.</summary>
    public static void Describe(Activity? span, Prediction prediction, StageTimings times)
    {
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("mnist_lstm.model", prediction.Model.Name);
            span.SetTag("mnist_lstm.model.version", prediction.Model.Version);
            span.SetTag("mnist_lstm.digit", prediction.Digit);
            span.SetTag("mnist_lstm.is_digit", prediction.IsDigit);
            span.SetTag("mnist_lstm.decode.duration", times.Decode.TotalSeconds);
            span.SetTag("mnist_lstm.normalize.duration", times.Normalize.TotalSeconds);
            span.SetTag("mnist_lstm.queue.duration", times.Queue.TotalSeconds);
            span.SetTag("mnist_lstm.infer.duration", times.Infer.TotalSeconds);
        }
    }
}
