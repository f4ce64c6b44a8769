using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Data;

/// <summary>A picture of a number.</summary>
/// <param name="Name">Its file, relative to the folder.</param>
/// <param name="Text">The digits in it, in reading order.</param>
public sealed record LabelledNumber(string Name, string Text)
{
    private const string LabelsFile = "labels.csv";
    private const string Header = "file,text";

    /// <summary>Reads <c>DIR/labels.csv</c> (<c>file,text</c>); spaces in a text do not count.</summary>
    /// <exception cref="TrainerException">The folder or a file is missing, or a line has no text of digits.</exception>
    public static IReadOnlyList<LabelledNumber> Load(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new TrainerException($"There is no folder '{folder}', which --numbers names.");
        }

        string path = Path.Combine(folder, LabelsFile);
        if (!File.Exists(path))
        {
            throw new TrainerException($"'{folder}', which --numbers names, has no {LabelsFile} ({Header}).");
        }

        List<LabelledNumber> numbers = [];
        foreach ((int index, string line) in File.ReadLines(path).Index())
        {
            if (!string.IsNullOrWhiteSpace(line) && (index > 0 || line.Trim() != Header))
            {
                numbers.Add(Parse(line) ?? throw new TrainerException(
                    $"'{path}', line {index + 1}: '{line}' is not a file's name, a comma and digits."));
            }
        }

        if (numbers.Count == 0)
        {
            throw new TrainerException($"'{path}' names no picture.");
        }

        return numbers.Find(number => !File.Exists(Path.Combine(folder, number.Name))) is { } missing
            ? throw new TrainerException($"'{path}' names '{missing.Name}', but there is no such file.")
            : numbers;
    }

    private static LabelledNumber? Parse(string line)
    {
        int comma = line.LastIndexOf(',');
        string text = line[(comma + 1)..].Trim().Trim('"').Replace(" ", "");
        return comma > 0 && text.All(char.IsAsciiDigit)
            ? new LabelledNumber(line[..comma].Trim().Trim('"'), text)
            : null;
    }
}
