using System.Text;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Onnx;

namespace MnistLstm.Trainer.Reports;

/// <summary>A model's answer for each image, as comma-separated values (RFC 4180).</summary>
public static class PredictionTable
{
    public const string Header = "file,label,digit,probability,isDigit";

    /// <param name="labels">[N], 0 to 9.</param>
    /// <param name="mayBeDigit">Whether an image shows no second figure, by index.</param>
    public static string Render(
        DigitClassifier classifier, OnnxPredictions predictions, byte[] labels, Func<int, string> names,
        Func<int, bool> mayBeDigit)
    {
        var table = new StringBuilder(Header).Append('\n');
        for (int n = 0; n < labels.Length; n++)
        {
            (int digit, float probability) = predictions.DigitOf(n);
            bool isDigit = classifier.Card.IsDigit(predictions.LogitsOf(n), mayBeDigit(n));
            table.Append($"{Quote(names(n))},{labels[n]},{digit},{probability:F6},")
                .Append(isDigit ? "true\n" : "false\n");
        }

        return table.ToString();
    }

    private static string Quote(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
