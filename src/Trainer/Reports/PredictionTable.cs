using System.Text;
using MnistLstm.Trainer.Onnx;

namespace MnistLstm.Trainer.Reports;

/// <summary>A model's answer for each image, as comma-separated values (RFC 4180).</summary>
public static class PredictionTable
{
    public const string Header = "file,label,digit,probability,isDigit";

    /// <param name="labels">[N], 0 to 9.</param>
    /// <param name="isDigit">[N], whether an image is believed to show one digit.</param>
    public static string Render(OnnxPredictions predictions, byte[] labels, Func<int, string> names, bool[] isDigit)
    {
        var table = new StringBuilder(Header).Append('\n');
        for (int n = 0; n < labels.Length; n++)
        {
            (int digit, float probability) = predictions.DigitOf(n);
            table.Append($"{Quote(names(n))},{labels[n]},{digit},{probability:F6},")
                .Append(isDigit[n] ? "true\n" : "false\n");
        }

        return table.ToString();
    }

    private static string Quote(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
