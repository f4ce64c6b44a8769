using System.Globalization;
using System.Numerics.Tensors;
using System.Text;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Onnx;

namespace MnistLstm.Trainer.Reports;

/// <summary>A model's answer for each image, as comma-separated values (RFC 4180).</summary>
public static class PredictionTable
{
    public const string Header = "file,label,digit,probability,isDigit";

    /// <param name="classifier">The classifier that made the predictions.</param>
    /// <param name="predictions">The predictions for the images.</param>
    /// <param name="labels">[N], 0 to 9.</param>
    /// <param name="names">The names of the images, by index.</param>
    /// <param name="mayBeDigit">Whether an image shows no second figure, by index.</param>
    public static string Render(
        DigitClassifier classifier, OnnxPredictions predictions, byte[] labels, Func<int, string> names,
        Func<int, bool> mayBeDigit)
    {
        var table = new StringBuilder(Header).Append('\n');
        for (int n = 0; n < labels.Length; n++)
        {
            Range image = (n * ModelContract.Classes)..((n + 1) * ModelContract.Classes);
            ReadOnlySpan<float> probabilities = predictions.Probabilities.AsSpan(image);
            int digit = TensorPrimitives.IndexOfMax(probabilities);
            bool isDigit = classifier.Card.IsDigit(predictions.Logits.AsSpan(image), mayBeDigit(n));
            table.Append(CultureInfo.InvariantCulture,
                $"{Quote(names(n))},{labels[n]},{digit},{probabilities[digit]:F6},{(isDigit ? "true" : "false")}\n");
        }

        return table.ToString();
    }

    private static string Quote(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
