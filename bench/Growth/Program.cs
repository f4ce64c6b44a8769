using MnistLstm.Load;

namespace MnistLstm.Growth;

/// <summary>
/// Measures how cost grows and writes a report with curves beside it; <c>bench/growth.sh</c> builds and calls it.
/// </summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args is not [var service, var models, var path])
        {
            await Console.Error.WriteLineAsync("Usage: Growth SERVICE_DLL MODEL_FOLDER REPORT.md");
            return 2;
        }

        // Its graph has an LSTM with float weights, which ResizedModel replaces.
        string model = Path.Combine(models, "digits-float.onnx");
        Section[] sections =
        [
            PixelGrowth.Measure(),
            BatchGrowth.Measure(model),
            await ConnectionGrowth.MeasureAsync(service, models),
            HiddenGrowth.Measure(model),
            await CoreGrowth.MeasureAsync(service, models),
        ];
        var report = new Report();
        report.Line("# How cost grows");
        report.Line();
        report.Line($"{Report.Machine}.");
        report.Line(
            $"The service: {Report.Compilation(service)}. Medians of interleaved rounds; made by `bench/growth.sh`.");
        report.Line(
            "Both axes of each curve are logarithmic: a slope of 1 is growth in proportion, and where the size "
            + "doubles, a slope of k is 2ᵏ times as much.");
        foreach (Section section in sections)
        {
            await WriteAsync(report, path, section);
        }

        await report.WriteAsync(path);
        return 0;
    }

    private static async Task WriteAsync(Report report, string path, Section section)
    {
        report.Line();
        report.Line($"## {section.Title}");
        report.Line();
        report.Line(section.Text);
        report.Line();
        foreach ((string name, LogLogChart chart) in section.Charts)
        {
            string file = $"{Path.GetFileNameWithoutExtension(path)}-{name}.svg";
            await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(path)!, file), chart.Render());
            report.Line($"![{chart.Title}]({file})");
            report.Line();
        }

        for (int row = 0; row < section.Table.Count; row++)
        {
            report.Line($"| {string.Join(" | ", section.Table[row])} |");
            if (row == 0)
            {
                report.Line($"|{string.Concat(section.Table[row].Select(_ => "---|"))}");
            }
        }
    }
}
