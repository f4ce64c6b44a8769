using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Data;

/// <summary>A picture of a number.</summary>
/// <param name="Name">Its file, relative to the folder.</param>
/// <param name="Text">The digits in it, in reading order.</param>
public sealed record LabeledNumber(string Name, string Text)
{
    /// <summary>Reads <c>DIR/labels.csv</c> (<c>file,text</c>); spaces in a text do not count.</summary>
    /// <exception cref="TrainerException">The folder or a file is missing, or a line has no text of digits.</exception>
    public static IReadOnlyList<LabeledNumber> Load(string folder)
    {
        DataFolder.Require(folder, "--numbers");
        string path = Path.Combine(folder, LabelsFile.Name);
        if (!File.Exists(path))
        {
            throw new TrainerException($"'{folder}', which --numbers names, has no {LabelsFile.Name} (file,text).");
        }

        List<LabeledNumber> numbers =
        [
            .. LabelsFile.Read(path, "text", "number", "label")
                .Select(line => Parse(line) ?? throw LabelsFile.Problem(path, line, "digits")),
        ];
        if (numbers.Count == 0)
        {
            throw new TrainerException($"'{path}' names no picture.");
        }

        return numbers.Find(number => !File.Exists(Path.Combine(folder, number.Name))) is { } missing
            ? throw new TrainerException($"'{path}' names '{missing.Name}', but there is no such file.")
            : numbers;
    }

    private static LabeledNumber? Parse(LabelLine line)
    {
        string? text = line.Label?.Replace(" ", "");
        return line.File.Length > 0 && text is not null
            && text.All(char.IsAsciiDigit) ? new LabeledNumber(line.File, text) : null;
    }
}
